// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/backoff.h"

#include "gtest/gtest.h"

namespace floe::upstream {
namespace {

TEST(Backoff, TheFirstRetryIsAtOnce) {
  Dice dice{1};
  EXPECT_EQ(Backoff(1, dice), 0ms);
}

TEST(Backoff, TheLongestWaitDoublesUpToItsBound) {
  EXPECT_EQ(BackoffMost(2), 500ms);
  EXPECT_EQ(BackoffMost(3), 1s);
  EXPECT_EQ(BackoffMost(7), 16s);
  EXPECT_EQ(BackoffMost(8), 30s);
  EXPECT_EQ(BackoffMost(UINT32_MAX), 30s);
}

TEST(Backoff, AWaitIsAnywhereUpToTheLongest) {
  for (uint32_t failures = 2; failures < 12; ++failures) {
    Dice dice{failures};
    const milliseconds most = BackoffMost(failures);
    milliseconds least_seen = most, most_seen{0}, sum{0};
    constexpr int kRolls = 1000;
    for (int i = 0; i < kRolls; ++i) {
      const milliseconds wait = Backoff(failures, dice);
      ASSERT_GE(wait, kBackoffMin);
      ASSERT_LE(wait, most);
      least_seen = std::min(least_seen, wait);
      most_seen = std::max(most_seen, wait);
      sum += wait;
    }
    EXPECT_LT(least_seen, kBackoffMin + most / 20) << failures;
    EXPECT_GT(most_seen, most - most / 20) << failures;
    EXPECT_NEAR(double(sum.count()) / kRolls, double((most + kBackoffMin).count()) / 2,
                double(most.count()) / 20)
        << failures;
  }
}

TEST(Dice, OfOneSeedRollTheSame) {
  Dice one{7}, same{7}, other{8};
  const uint64_t first = one.Roll();
  EXPECT_EQ(same.Roll(), first);
  EXPECT_NE(other.Roll(), first);
  EXPECT_NE(one.Roll(), first);
}

TEST(Dice, ReachBothEnds) {
  Dice dice{3};
  bool has_least = false, has_most = false;
  for (int i = 0; i < 200; ++i) {
    const milliseconds rolled = dice.Between(4ms, 7ms);
    ASSERT_TRUE(rolled >= 4ms && rolled <= 7ms);
    has_least |= rolled == 4ms;
    has_most |= rolled == 7ms;
  }
  EXPECT_TRUE(has_least && has_most);
  EXPECT_EQ(dice.Between(5ms, 5ms), 5ms);
}

}  // namespace
}  // namespace floe::upstream
