// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/stats_feed.h"

#include "gtest/gtest.h"

namespace floe::admin {
namespace {

TEST(StatsFeed, WhoKnowsNothingIsToldAllTheServersFirst) {
  AllStats now;
  now["/a"]["listeners"] = {.value = "2", .is_number = true};
  now["global"]["clients"] = {.value = "3", .is_number = true};
  now["/a"]["title"] = {.value = "A - B"};
  EXPECT_EQ(StatsLines({}, now),
            "EVENT global clients 3\nEVENT /a listeners 2\nEVENT /a title A - B\n");
}

TEST(StatsFeed, OnlyWhatIsAnotherIsToldAgain) {
  AllStats before;
  before["/a"]["listeners"] = {.value = "2"};
  before["/a"]["genre"] = {.value = "Jazz"};
  AllStats now = before;
  EXPECT_EQ(StatsLines(before, now), "");
  now["/a"]["listeners"].value = "1";
  EXPECT_EQ(StatsLines(before, now), "EVENT /a listeners 1\n");
}

TEST(StatsFeed, WhatIsThereNoMoreIsNull) {
  AllStats before;
  before["/a"]["title"] = {.value = "x"};
  before["/a"]["listeners"] = {.value = "1"};
  before["/b"]["listeners"] = {.value = "1"};
  AllStats now;
  now["/a"]["listeners"] = {.value = "1"};
  EXPECT_EQ(StatsLines(before, now), "EVENT /a title null\nEVENT /b null null\n");
}

TEST(StatsFeed, ATitleCannotBeALineOfItsOwn) {
  AllStats now;
  now["/a"]["title"] = {.value = "x\nEVENT global clients 0"};
  EXPECT_EQ(StatsLines({}, now), "EVENT /a title x EVENT global clients 0\n");
}

}  // namespace
}  // namespace floe::admin
