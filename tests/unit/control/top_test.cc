// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/top.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/control/status_sample.h"

namespace floe::control {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// Two answers, two seconds apart, in which each mount was sent 32 kB.
Json Before() { return StatusSample(61'000, 4'200'000); }
Json Now() { return StatusSample(63'000, 4'232'000); }

TEST(Top, ShowsRatesOfWhatChanged) {
  Json now = Now();
  now["mounts"][1]["audio_bytes"] = 1'632'000;
  EXPECT_THAT(TopScreen(Before(), now, {}),
              ElementsAre("floe 1.2.3  pid 4711  up 1 min 3 s  3 listeners  1 source  2 mounts",
                          "in 128 kbit/s  out 256 kbit/s  lag 7 ms  busiest 30.5 %",  //
                          "", "SHARD  LISTENERS  REQUESTS    BUSY  INTERVAL   LAG",
                          "    0          1         1   4.2 %     20 ms  0 ms",
                          "    1          2         0  30.5 %     40 ms  7 ms",  //
                          "", "MOUNT   PHASE      LISTENERS  PEAK          IN         OUT  TITLE",
                          "/live   live               3     9  128 kbit/s  128 kbit/s  Käse ?[31m",
                          "/empty  lingering          0     4           0  128 kbit/s"));
}

TEST(Top, WithoutAnythingToCompareWithThereAreNoRates) {
  Json other = Before();
  other["pid"] = 1;
  for (const Json& before : {Json(), Now(), other}) {
    EXPECT_EQ(TopScreen(before, Now(), {})[1], "in -  out -  lag 7 ms  busiest 30.5 %");
  }
}

TEST(Top, ACounterThatBeganAnewCountsFromThere) {
  Json now = Now();
  now["mounts"][1]["audio_bytes"] = 4'000;  // another source
  now["mounts"].push_back(now["mounts"][1]);
  now["mounts"][2]["name"] = "/new";
  const std::vector<std::string> lines = TopScreen(Before(), now, {});
  EXPECT_THAT(lines, Contains(testing::AllOf(StartsWith("/live"), HasSubstr("  16 kbit/s"))));
  EXPECT_THAT(lines, Contains(testing::AllOf(StartsWith("/new"), HasSubstr("  16 kbit/s"))));
}

TEST(Top, FitsEveryTerminal) {
  Json now = Now();
  for (int i = 0; i < 100; ++i) {
    now["mounts"].push_back(now["mounts"][0]);
    now["mounts"].back()["name"] = absl::StrCat("/Käse", i);
    now["shards"].push_back(now["shards"][0]);
  }
  for (size_t width = 1; width < 100; width += 14) {
    for (size_t height = 1; height < 60; height += 3) {
      TopOptions options{.width = width, .height = height, .message = "no floe answers"};
      const std::vector<std::string> lines = TopScreen(Before(), now, options);
      EXPECT_LE(lines.size(), height);
      EXPECT_EQ(lines.back(), Clipped("no floe answers", width));
      for (const std::string& line : lines) EXPECT_LE(ColumnsOf(line), width) << line;
    }
  }
  const std::vector<std::string> lines = TopScreen(Before(), now, {.width = 80, .height = 24});
  EXPECT_THAT(lines, SizeIs(24));
  EXPECT_THAT(lines, Contains(StartsWith("/live")));
  EXPECT_THAT(lines.back(), HasSubstr("more"));
}

TEST(Top, ColoursAreThereOnlyWhereTheyAreWanted) {
  TopOptions options;
  options.message = "away";
  EXPECT_THAT(TopScreen(Before(), Now(), options), Each(Not(HasSubstr("\x1b"))));
  options.has_colours = true;
  const std::vector<std::string> lines = TopScreen(Before(), Now(), options);
  EXPECT_THAT(lines.front(), testing::AllOf(StartsWith("\x1b[1m"), EndsWith("\x1b[0m")));
  EXPECT_THAT(lines.back(), HasSubstr("away"));
  // What peers say of themselves colours nothing.
  EXPECT_THAT(absl::StrJoin(lines, "\n"), Not(HasSubstr("\x1b[31m")));
}

TEST(Top, IsPaintedOverWhatWasThere) {
  EXPECT_EQ(Painted({"one", "two"}), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(Top, WhatAnotherVersionAnswersIsNoHarm) {
  for (const char* text : {"null", "{}", "7", R"({"mounts": [7, {}], "shards": {"a": 1}})"}) {
    EXPECT_FALSE(TopScreen(Json::parse(text), Json::parse(text), {}).empty()) << text;
  }
}

}  // namespace
}  // namespace floe::control
