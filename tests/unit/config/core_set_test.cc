// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/core_set.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CoreSet, WordsAreAutoAndOff) {
  EXPECT_EQ(ParseCoreSet("auto")->kind, CoreSet::Kind::kAllowed);
  EXPECT_EQ(ParseCoreSet("off")->kind, CoreSet::Kind::kFree);
}

TEST(CoreSet, ANodeIsNamedByItsNumber) {
  const absl::StatusOr<CoreSet> set = ParseCoreSet("node12");
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->kind, CoreSet::Kind::kNode);
  EXPECT_EQ(set->node, 12u);
}

TEST(CoreSet, CoresAndRangesAreListedAsTheKernelListsThem) {
  EXPECT_THAT(ParseCoreList("3").value(), ElementsAre(3));
  EXPECT_THAT(ParseCoreList("0-2,8,10-11").value(), ElementsAre(0, 1, 2, 8, 10, 11));
  EXPECT_THAT(ParseCoreSet("4,2")->cores, ElementsAre(4, 2));
}

TEST(CoreSet, WhatIsNoListIsRefusedWithThePartThatIsWrong) {
  for (const char* text : {"", "a", "1,", "-1", "1-", "1--2", " 1", "+1", "1024", "99999999999"}) {
    EXPECT_FALSE(ParseCoreList(text).ok()) << text;
  }
  EXPECT_THAT(ParseCoreList("0,x").status().message(), HasSubstr("\"x\""));
  EXPECT_THAT(ParseCoreList("3-1").status().message(), HasSubstr("\"3-1\""));
  EXPECT_FALSE(ParseCoreSet("node").ok());
  EXPECT_FALSE(ParseCoreSet("nodeA").ok());
}

TEST(CoreSet, NoCoreIsNamedTwice) {
  for (const char* text : {"0,1,1", "1,0-2", "0-3,2-5", "0-1023,0-1023"}) {
    EXPECT_THAT(ParseCoreSet(text).status().message(), HasSubstr(" twice")) << text;
  }
  EXPECT_EQ(ParseCoreSet("0,1,1").status().message(), "has core 1 twice");
  EXPECT_TRUE(ParseCoreSet("0-1023").ok());
}

}  // namespace
}  // namespace floe::config
