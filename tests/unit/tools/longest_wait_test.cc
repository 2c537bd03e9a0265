// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/longest_wait.h"

#include <gtest/gtest.h>

namespace floe::tools {
namespace {

constexpr int64_t kStart = 1'000'000'000;

class ListenersWait : public testing::Test {
 protected:
  ListenersWait() { wait_.BeginLife(kStart); }

  int64_t LongestAfter(std::initializer_list<int64_t> receives) {
    for (const int64_t at : receives) wait_.Hear(kStart + at);
    return wait_.longest_ns();
  }

  LongestWait wait_;
};

TEST_F(ListenersWait, IsTheLongestBetweenTwoReceives) {
  EXPECT_EQ(LongestAfter({0, 10, 50, 60}), 40);
}

TEST_F(ListenersWait, TakesTwoReceives) { EXPECT_EQ(LongestAfter({500}), 0); }

TEST_F(ListenersWait, DoesNotCountWhatCameBeforeItWasSettled) {
  EXPECT_EQ(LongestAfter({-900, -1, 30, 37}), 7);
}

TEST_F(ListenersWait, IsNotTheTimeBetweenTwoLives) {
  LongestAfter({0, 10});
  wait_.BeginLife(kStart + 600);
  EXPECT_EQ(LongestAfter({500, 600, 620}), 20);
}

TEST_F(ListenersWait, OfAnEarlierLifeIsKept) {
  LongestAfter({0, 100});
  wait_.BeginLife(kStart + 500);
  EXPECT_EQ(LongestAfter({500, 520}), 100);
}

TEST_F(ListenersWait, BelongsToTheWindowItEndsIn) {
  LongestAfter({0, 1000});
  wait_.BeginWindow();
  EXPECT_EQ(wait_.longest_ns(), 0);
  EXPECT_EQ(LongestAfter({1300}), 300);
}

}  // namespace
}  // namespace floe::tools
