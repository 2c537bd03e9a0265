// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/breaker.h"

#include "gtest/gtest.h"

namespace floe::hooks {
namespace {

class BreakerTest : public testing::Test {
 protected:
  void Open() {
    for (uint32_t i = 0; i < kBreakerFailuresMax; ++i) {
      EXPECT_TRUE(breaker_.MayCall(now_));
      EXPECT_EQ(breaker_.Failed(now_), i + 1 == kBreakerFailuresMax);
    }
  }

  Breaker breaker_;
  Instant now_{1'000s};
};

TEST_F(BreakerTest, AServerThatFailsNowAndThenIsStillAsked) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(breaker_.MayCall(now_));
    EXPECT_FALSE(i % 3 == 0 ? breaker_.Succeeded() : breaker_.Failed(now_));
  }
}

TEST_F(BreakerTest, OneThatFailsInARowIsLeftAlone) {
  Open();
  EXPECT_FALSE(breaker_.MayCall(now_));
  EXPECT_FALSE(breaker_.MayCall(now_ + kBreakerOpenFirst - 1ms));
}

TEST_F(BreakerTest, OneTriesWhetherItAnswersAgain) {
  Open();
  now_ += kBreakerOpenFirst;
  EXPECT_TRUE(breaker_.MayCall(now_));
  EXPECT_FALSE(breaker_.MayCall(now_)) << "one is enough";
  EXPECT_TRUE(breaker_.Succeeded());
  EXPECT_TRUE(breaker_.MayCall(now_));
  EXPECT_TRUE(breaker_.MayCall(now_));
}

TEST_F(BreakerTest, EachTryThatFailsDoublesTheRest) {
  Open();
  for (milliseconds rest = kBreakerOpenFirst; rest < 4 * kBreakerOpenMax; rest *= 2) {
    const milliseconds rests = std::min(rest, kBreakerOpenMax);
    EXPECT_FALSE(breaker_.MayCall(now_ + rests - 1ms));
    now_ += rests;
    EXPECT_TRUE(breaker_.MayCall(now_));
    EXPECT_FALSE(breaker_.Failed(now_));
  }
}

TEST_F(BreakerTest, OneThatDidNotWaitForTheAnswerLeavesTheTryToTheNext) {
  Open();
  now_ += kBreakerOpenFirst;
  EXPECT_TRUE(breaker_.MayCall(now_));
  breaker_.Dropped();
  EXPECT_TRUE(breaker_.MayCall(now_));
}

TEST_F(BreakerTest, FailuresOfThoseWhoWereAskedBeforeCountOnce) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(breaker_.MayCall(now_));
  Open();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(breaker_.Failed(now_));
  EXPECT_TRUE(breaker_.MayCall(now_ + kBreakerOpenFirst));
}

}  // namespace
}  // namespace floe::hooks
