// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/version.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::handover {
namespace {

using testing::HasSubstr;

TEST(Version, EachBinaryHandsOverToItsLike) {
  EXPECT_EQ(AgreeOnVersion(kVersion, kOldestVersion).value(), kVersion);
}

TEST(Version, TheNewestThatBothSpeakIsSpoken) {
  EXPECT_EQ(AgreeOnVersion(5, 2, 3, 1).value(), 3u);  // the new floe is newer
  EXPECT_EQ(AgreeOnVersion(3, 1, 5, 2).value(), 3u);  // the new floe is older: a way back
  EXPECT_EQ(AgreeOnVersion(5, 5, 9, 5).value(), 5u);  // one is common
}

TEST(Version, WithoutACommonOneTheRefusalNamesWhatEitherSpeaks) {
  const absl::Status newer = AgreeOnVersion(9, 7, 5, 2).status();
  EXPECT_EQ(newer.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(newer.message(), HasSubstr("versions 2 to 5"));
  EXPECT_THAT(newer.message(), HasSubstr("7 to 9"));
  EXPECT_FALSE(AgreeOnVersion(2, 1, 5, 3).ok());
}

TEST(Version, WhoSaysNothingHasNoVersionInCommon) { EXPECT_FALSE(AgreeOnVersion(0, 0).ok()); }

}  // namespace
}  // namespace floe::handover
