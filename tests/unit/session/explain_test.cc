// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlohmann/json.hpp"

namespace floe::session {
namespace {

using mount::Step;
using mount::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

mount::Explanation Away() {
  mount::Explanation away;
  away.mount = "/live";
  away.plays = "/backup";
  away.since = absl::UnixEpoch();
  away.media = mount::MediaOf("audio/mpeg", audio::Codec::kMp3);
  away.listeners = 3;
  away.steps = {
      {"/live", "", Verdict::kIsSilent, away.media},
      {"/a", "/live", Verdict::kIsNotYet, {}},
      {"/b", "/a", Verdict::kOtherFormat, mount::MediaOf("audio/aac", audio::Codec::kAac)},
      {"/backup", "/live", Verdict::kPlays, away.media},
      {"/none", "/live", Verdict::kUnknown, {}}};
  away.without_source = away.steps;
  return away;
}

TEST(Explain, EachStepIsASentence) {
  EXPECT_THAT(
      ExplainLines(Away()),
      ElementsAre(StartsWith("/live plays /backup since 1970-01-01T"), "  1. /live has no source",
                  "  2. /a has a source, and nothing of it where a player could begin",
                  "  3. /b, of /a, is passed over: it is ADTS, and players that heard MPEG audio "
                  "could not go on with it",
                  "  4. /backup plays", "  5. /none is not there",
                  "When its source is back, its listeners return."));
}

TEST(Explain, OfAMountThatPlaysItIsToldWhatWouldBe) {
  mount::Explanation here = Away();
  here.plays = "/live";
  here.steps = {{"/live", "", Verdict::kPlays, here.media},
                {"/backup", "/live", Verdict::kIsLater, here.media}};
  EXPECT_THAT(ExplainLines(here)[0], StartsWith("/live plays its own source since "));
  EXPECT_THAT(ExplainLines(here)[2], "  2. /backup could play; what plays comes before it");
  EXPECT_THAT(ExplainLines(here)[3], "If its source left, it would play /backup:");
  here.without_source = {{"/live", "", Verdict::kIsSilent, here.media}};
  EXPECT_THAT(ExplainLines(here)[3],
              "If its source left, its listeners would linger and then leave:");
}

TEST(Explain, OfAMountThatPlaysNothingItIsToldWhy) {
  mount::Explanation nothing = Away();
  nothing.plays = "";
  nothing.steps = {{"/live", "", Verdict::kIsSilent, {}}};
  EXPECT_THAT(ExplainLines(nothing),
              ElementsAre("/live plays nothing:", "  1. /live has no source"));
  EXPECT_TRUE(ExplainJson(nothing)["plays"].is_null());
  EXPECT_TRUE(ExplainJson(nothing)["since"].is_null());
}

TEST(Explain, ProgramsAreToldTheSame) {
  const nlohmann::ordered_json json = ExplainJson(Away());
  EXPECT_EQ(json["mount"], "/live");
  EXPECT_EQ(json["plays"], "/backup");
  EXPECT_EQ(json["media"], "MPEG audio");
  EXPECT_EQ(json["listeners"], 3);
  EXPECT_EQ(json["override"], "own");
  EXPECT_EQ(json["without_source"]["plays"], "/backup");
  ASSERT_THAT(json["steps"], SizeIs(5));
  EXPECT_TRUE(json["steps"][0]["fallback_of"].is_null());
  EXPECT_EQ(json["steps"][2]["fallback_of"], "/a");
  EXPECT_EQ(json["steps"][2]["verdict"], "other-format");
  EXPECT_EQ(json["steps"][2]["media"], "ADTS");
  EXPECT_THAT(json["lines"], SizeIs(7));
}

}  // namespace
}  // namespace floe::session
