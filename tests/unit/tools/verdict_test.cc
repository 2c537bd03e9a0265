// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace floe::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Flaws& FlawsOf(Tally* tally, Kind kind) { return tally->flaws[size_t(kind)]; }

TEST(Verdict, ABoundThatWasNotGivenBreaksNothing) {
  Tally tally;
  FlawsOf(&tally, Kind::kSteady).underruns = 9;
  tally.refused = 9;
  EXPECT_THAT(BrokenBounds({}, tally), IsEmpty());
}

TEST(Verdict, ABoundHoldsUpToItsNumberAndSaysHowMuchItWasMissedBy) {
  Tally tally;
  FlawsOf(&tally, Kind::kSteady).underruns = 2;
  EXPECT_THAT(BrokenBounds({.underruns = 2}, tally), IsEmpty());
  EXPECT_THAT(BrokenBounds({.underruns = 1}, tally),
              ElementsAre("2 underruns, at most 1 were allowed"));
}

TEST(Verdict, GapsRepeatsAndTearsAreOneBound) {
  Tally tally;
  FlawsOf(&tally, Kind::kSteady) = {.gaps = 1, .repeats = 1, .torn = 1};
  EXPECT_THAT(BrokenBounds({.gaps = 2}, tally), ElementsAre(HasSubstr("3 gaps")));
}

TEST(Verdict, WhoChurnsOrHalfClosesIsHeldToTheSameWhoIsSlowIsNot) {
  for (const Kind kind : {Kind::kChurn, Kind::kHalfClose}) {
    Tally tally;
    FlawsOf(&tally, kind).closed_by_end = 1;
    EXPECT_THAT(BrokenBounds({.closes = 0}, tally), ElementsAre(HasSubstr("1 closes")));
  }
  for (const Kind kind : {Kind::kSlow, Kind::kNever}) {
    Tally tally;
    FlawsOf(&tally, kind).closed_by_reset = 1;
    EXPECT_THAT(BrokenBounds({.closes = 0}, tally), IsEmpty());
  }
}

TEST(Verdict, AQuantileThatWasNotMeasuredDoesNotHold) {
  const Bounds bounds = {.p99_latency_ns = kNsPerSecond};
  Tally tally;
  EXPECT_THAT(BrokenBounds(bounds, tally), ElementsAre("latency: nothing was measured"));
  tally.latency.Add(900'000);
  EXPECT_THAT(BrokenBounds(bounds, tally), IsEmpty());
  tally.latency.Add(1'500'000);
  EXPECT_THAT(BrokenBounds(bounds, tally), ElementsAre("p99 of latency is 1.50 s, 1s was allowed"));
}

TEST(Verdict, TheLongestWaitOfAnyoneIsHeldToItsBound) {
  const Bounds bounds = {.longest_wait_ns = kNsPerSecond};
  Tally tally;
  EXPECT_THAT(BrokenBounds(bounds, tally), ElementsAre("longest wait: nothing was measured"));
  for (int i = 0; i < 1000; ++i) tally.longest_wait.Add(1'000'000);
  EXPECT_THAT(BrokenBounds(bounds, tally), IsEmpty());
  tally.longest_wait.Add(1'500'000);
  EXPECT_THAT(BrokenBounds(bounds, tally), ElementsAre("longest wait is 1.50 s, 1s was allowed"));
  EXPECT_THAT(BrokenBounds({}, tally), IsEmpty());
}

TEST(Verdict, AWindowHasBegunOnceAllCrowdsAreInIt) {
  Tally sum, other;
  sum.window = 3;
  other.window = 2;
  other.longest_wait.Add(9'000);
  sum.Merge(other);
  const nlohmann::json result = ResultOf(LoadOptions(), {.tally = sum});
  EXPECT_EQ(result["window"], 2);
  EXPECT_EQ(result["longest_wait_ms"]["count"], 1);
  EXPECT_EQ(result["longest_wait_ms"]["max"], 9);
}

TEST(Verdict, TooFewListenersAndWrongTitlesBreakTheirBounds) {
  Tally tally;
  tally.hearing = 99;
  tally.titles_early = tally.titles_missed = 1;
  EXPECT_THAT(BrokenBounds({.title_faults = 1, .listeners_min = 100}, tally),
              ElementsAre(HasSubstr("2 titles missed or early"),
                          "99 listeners hear audio, at least 100 should"));
}

TEST(Verdict, TheLineOfALargeRunFitsATerminal) {
  RunState run;
  run.now_ns = 59 * kNsPerSecond + 900 * kNsPerMs;
  run.tally.hearing = 100'000;
  run.tally.latency.Add(987'000);
  LoadOptions options;
  options.listeners = 100'000;
  const std::string line = LineOf(options, run, 12'800);
  EXPECT_EQ(line, "59.9 s  100,000/100,000 hearing  0 underruns  0 gaps  p99 987 ms  12800 Mbit/s");
  EXPECT_LE(line.size(), 79u);
  EXPECT_THAT(line, Not(HasSubstr("refused")));
  run.tally.refused = 3;
  EXPECT_THAT(LineOf(options, run, 0), HasSubstr("3 refused"));
}

}  // namespace
}  // namespace floe::tools
