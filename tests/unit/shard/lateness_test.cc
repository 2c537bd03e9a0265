// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/lateness.h"

#include "gtest/gtest.h"

namespace floe::shard {
namespace {

class LatenessTest : public testing::Test {
 protected:
  // Turns 10 ms apart that all find that lag.
  void Lag(milliseconds lag, milliseconds lasts) {
    for (milliseconds past{0}; past < lasts; past += 10ms) {
      now_ += 10ms;
      changes_ += lateness_.Observe(lag, now_);
    }
  }

  Instant now_{100s};
  Lateness lateness_{500ms};
  int changes_ = 0;
};

TEST_F(LatenessTest, AHiccupIsForgiven) {
  Lag(2'000ms, 50ms);
  Lag(0ms, 10ms);
  Lag(2'000ms, 50ms);
  EXPECT_FALSE(lateness_.is_late());
}

TEST_F(LatenessTest, AProcessThatStoodStillIsNotLateForIt) {
  Lag(0ms, 1s);
  now_ += 10s;  // stopped, or its machine was
  Lag(10'000ms, 10ms);
  EXPECT_FALSE(lateness_.is_late());
}

TEST_F(LatenessTest, ALagWithinTheBoundIsNoReasonHoweverLongItLasts) {
  Lag(500ms, 10s);
  EXPECT_FALSE(lateness_.is_late());
}

TEST_F(LatenessTest, ALagThatStaysBeyondTheBoundIs) {
  Lag(501ms, 200ms);
  EXPECT_TRUE(lateness_.is_late());
}

TEST_F(LatenessTest, ItEndsOnlyAfterASecondWellUnderTheBound) {
  Lag(600ms, 200ms);
  Lag(300ms, 10s);  // over half of the bound: those refused would be too much again
  EXPECT_TRUE(lateness_.is_late());
  Lag(200ms, 900ms);
  EXPECT_TRUE(lateness_.is_late());
  Lag(200ms, 200ms);
  EXPECT_FALSE(lateness_.is_late());
}

TEST_F(LatenessTest, EachChangeIsToldOnce) {
  Lag(600ms, 3s);
  Lag(0ms, 3s);
  EXPECT_EQ(changes_, 2);
}

TEST_F(LatenessTest, ThePeakIsOfTheTimeSinceItWasAsked) {
  Lag(70ms, 30ms);
  Lag(20ms, 30ms);
  EXPECT_EQ(lateness_.TakePeak(), 70ms);
  Lag(30ms, 30ms);
  EXPECT_EQ(lateness_.TakePeak(), 30ms);
}

TEST_F(LatenessTest, AnotherBoundHoldsFromThenOn) {
  lateness_.SetLagMax(100ms);
  Lag(300ms, 200ms);
  EXPECT_TRUE(lateness_.is_late());
  lateness_.SetLagMax(1'000ms);
  Lag(300ms, 1'100ms);
  EXPECT_FALSE(lateness_.is_late());
}

}  // namespace
}  // namespace floe::shard
