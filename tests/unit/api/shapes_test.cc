// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/shapes.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace floe::api {
namespace {

TEST(Shapes, AListSaysWhetherThereIsMore) {
  EXPECT_EQ(TextOf(ListOf(Json::array())), "{\"items\":[],\"next\":null}\n");
  EXPECT_EQ(TextOf(ListOf(Json::array({1}), "c")), "{\"items\":[1],\"next\":\"c\"}\n");
}

TEST(Shapes, WhatIsNoUtf8IsReplaced) { EXPECT_EQ(TextOf(Json("\xff")), "\"\xef\xbf\xbd\"\n"); }

TEST(Shapes, ATimeIsUtc) {
  EXPECT_EQ(TimeText(absl::FromUnixSeconds(1'700'000'000)), "2023-11-14T22:13:20Z");
}

TEST(Shapes, ACursorComesBackAsItWasGiven) {
  const Cursor cursor{.process = 4'000'000'000, .shard = 3, .slot = 99};
  ASSERT_TRUE(ParseCursor(CursorText(cursor)).ok());
  EXPECT_EQ(*ParseCursor(CursorText(cursor)), cursor);
  for (const char* text :
       {"", "1", "1.2", "1.2.3.4", "1.2.-3", "1.2.x", "01.2.3", " 1.2.3", "1.2.4294967296"}) {
    EXPECT_FALSE(ParseCursor(text).ok()) << text;
  }
}

}  // namespace
}  // namespace floe::api
