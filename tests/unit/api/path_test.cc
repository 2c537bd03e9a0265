// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/path.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

constexpr char kOfMount[] = "/api/v1/mounts/{mount}";
constexpr char kTitle[] = "/api/v1/mounts/{mount}/title";

std::optional<std::string> Match(absl::string_view pattern, absl::string_view target) {
  return MatchPath(pattern, SegmentsOf(target));
}

TEST(ApiPath, IsCutBeforeItIsDecoded) {
  EXPECT_THAT(SegmentsOf("/api/v1/mounts/%2Fa%2Fb?x=/y"),
              ElementsAre("api", "v1", "mounts", "/a/b"));
  EXPECT_THAT(SegmentsOf("http://host:8000/api/v1"), ElementsAre("api", "v1"));
  EXPECT_THAT(SegmentsOf("http://host"), IsEmpty());
  EXPECT_THAT(SegmentsOf("*"), IsEmpty());
}

TEST(ApiPath, AMountMayLeaveItsFirstSlashOut) {
  EXPECT_THAT(Match(kOfMount, "/api/v1/mounts/live"), Optional(std::string("/live")));
  EXPECT_THAT(Match(kOfMount, "/api/v1/mounts/%2Flive"), Optional(std::string("/live")));
  EXPECT_THAT(Match(kOfMount, "/api/v1/mounts/%2fa%2ftitle"), Optional(std::string("/a/title")));
  EXPECT_THAT(Match(kTitle, "/api/v1/mounts/a%2Fb/title"), Optional(std::string("/a/b")));
}

TEST(ApiPath, NoOtherPathIsMeant) {
  for (const char* target :
       {"/api/v1/mounts", "/api/v1/mounts/", "/api/v1/mounts/live/", "/api/v1/mounts/live/title",
        "/api/v1//mounts/live", "/api/v2/mounts/live", "/x/api/v1/mounts/live"}) {
    EXPECT_EQ(Match(kOfMount, target), std::nullopt) << target;
  }
}

TEST(ApiPath, OneWithoutANameAnswersNone) {
  EXPECT_THAT(Match("/api/v1/server", "/api/v1/server"), Optional(std::string()));
  EXPECT_THAT(Match("/api/v1/server", "/%61pi/v1/server"), Optional(std::string()));
}

}  // namespace
}  // namespace floe::api
