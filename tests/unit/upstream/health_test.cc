// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/health.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::upstream {
namespace {

using testing::HasSubstr;

class HealthTest : public testing::Test {
 protected:
  void Pass(milliseconds time) { now_ += time; }
  void Connect() { health_.Connecting(now_); }
  void Answer() {
    Connect();
    health_.Reply(now_);
    health_.Bytes(100, now_);
  }
  void Fail(bool is_at_once = true) { health_.Failed("refused", is_at_once, dice_, now_); }
  // Fails so often in a row, each time as soon as may be.
  void FailOften(uint32_t times) {
    for (uint32_t i = 0; i < times; ++i) {
      now_ = std::max(now_, health_.ReadyAt());
      Connect();
      Fail();
    }
  }

  Instant now_ = Instant() + 1h;
  Dice dice_{5};
  Health health_;
};

TEST_F(HealthTest, AtFirstItIsIdleAndMayBeAsked) {
  EXPECT_EQ(health_.phase(), Phase::kIdle);
  EXPECT_TRUE(health_.IsReady(now_));
}

TEST_F(HealthTest, IsUpWithTheReplyAndCountsItsAudio) {
  Connect();
  EXPECT_EQ(health_.phase(), Phase::kConnecting);
  Pass(10ms);
  health_.Reply(now_);
  EXPECT_EQ(health_.phase(), Phase::kUp);
  EXPECT_EQ(health_.state().since, now_);
  EXPECT_EQ(health_.HeardFor(now_), 0ms);
  Pass(1s);
  health_.Bytes(100, now_);
  health_.Bytes(20, now_);
  Pass(2s);
  EXPECT_EQ(health_.HeardFor(now_), 2s);
  EXPECT_EQ(health_.state().bytes, 120u);
  EXPECT_EQ(health_.state().attempts, 1u);
}

TEST_F(HealthTest, AfterTheFirstFailureItMayBeAskedAtOnce) {
  Connect();
  Fail();
  EXPECT_EQ(health_.phase(), Phase::kDown);
  EXPECT_EQ(health_.state().error, "refused");
  EXPECT_TRUE(health_.IsReady(now_));
}

TEST_F(HealthTest, AfterTheSecondItWaits) {
  FailOften(2);
  EXPECT_FALSE(health_.IsReady(now_));
  EXPECT_TRUE(health_.IsReady(now_ + BackoffMost(2)));
}

TEST_F(HealthTest, AStallIsWaitedOutEvenTheFirstTime) {
  Answer();
  Fail(false);
  EXPECT_FALSE(health_.IsReady(now_));
}

TEST_F(HealthTest, EnoughFailuresInARowBreakItAndThenATryIsATrial) {
  FailOften(kBreakAfter - 1);
  EXPECT_EQ(health_.phase(), Phase::kDown);
  FailOften(1);
  EXPECT_EQ(health_.phase(), Phase::kBroken);
  EXPECT_FALSE(health_.IsReady(now_ + kBrokenMin - 1ms));
  EXPECT_TRUE(health_.IsReady(now_ + kBackoffMax));
  Pass(kBackoffMax);
  Connect();
  EXPECT_EQ(health_.phase(), Phase::kTrial);
  Fail();
  EXPECT_EQ(health_.phase(), Phase::kBroken);
  Pass(kBackoffMax);
  Answer();
  EXPECT_EQ(health_.phase(), Phase::kUp);
}

TEST_F(HealthTest, AudioForAWhileMakesEarlierFailuresForgotten) {
  FailOften(kBreakAfter);
  Pass(kBackoffMax);
  Answer();
  Pass(kHealthyAfter);
  Fail();
  EXPECT_EQ(health_.phase(), Phase::kDown);
  EXPECT_EQ(health_.state().failures, 1u);
  EXPECT_TRUE(health_.IsReady(now_));
}

TEST_F(HealthTest, AudioForAMomentDoesNot) {
  FailOften(kBreakAfter);
  Pass(kBackoffMax);
  Answer();
  Pass(kHealthyAfter - 1ms);
  Fail();
  EXPECT_EQ(health_.phase(), Phase::kBroken);
}

TEST_F(HealthTest, LeavingItIsNoFailure) {
  Answer();
  health_.Lag(3s);
  health_.Left(now_);
  EXPECT_EQ(health_.phase(), Phase::kIdle);
  EXPECT_EQ(health_.state().failures, 0u);
  EXPECT_FALSE(health_.state().lag.has_value());
  EXPECT_TRUE(health_.IsReady(now_));
}

TEST_F(HealthTest, LeavingATrialLeavesItBroken) {
  FailOften(kBreakAfter);
  Pass(kBackoffMax);
  Connect();
  health_.Left(now_);
  EXPECT_EQ(health_.phase(), Phase::kBroken);
  EXPECT_TRUE(health_.IsReady(now_));
}

TEST_F(HealthTest, LeavingWhatIsDownChangesNothing) {
  FailOften(3);
  const HealthState before = health_.state();
  health_.Left(now_);
  EXPECT_EQ(health_.state(), before);
}

TEST_F(HealthTest, AnErrorIsKeptAsFarAsItFitsAndIsText) {
  Connect();
  health_.Failed(std::string(kErrorBytesMax - 1, 'x') + "\xc3\xb6", true, dice_, now_);
  EXPECT_EQ(health_.state().error, std::string(kErrorBytesMax - 1, 'x'));
  Connect();
  health_.Failed("\xff", true, dice_, now_);
  EXPECT_THAT(health_.state().error, HasSubstr("charset"));
  EXPECT_TRUE(Health::Check(health_.state()).ok());
}

TEST_F(HealthTest, WhatNoUpstreamCanComeToIsRefused) {
  const auto refusal = [](auto change) {
    HealthState state;
    state.attempts = 9;
    state.since = Instant() + 1s;
    change(state);
    return std::string(Health::Check(state).message());
  };
  EXPECT_EQ(refusal([](HealthState&) {}), "");
  EXPECT_THAT(refusal([](HealthState& state) { state.phase = Phase(6); }), HasSubstr("phase"));
  EXPECT_THAT(refusal([](HealthState& state) { state.error = "\xff"; }), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal([](HealthState& state) { state.error = std::string(201, 'x'); }),
              HasSubstr("last error"));
  EXPECT_THAT(refusal([](HealthState& state) { state.since = Instant() - 1s; }),
              HasSubstr("before the clock"));
  EXPECT_THAT(refusal([](HealthState& state) { state.retry_at = Instant() + 2s; }),
              HasSubstr("waits without"));
  EXPECT_THAT(refusal([](HealthState& state) { state.phase = Phase::kDown; }),
              HasSubstr("down without"));
  EXPECT_THAT(refusal([](HealthState& state) {
                state.phase = Phase::kDown;
                state.failures = 1;
                state.retry_at = state.since + kBackoffMax + 1ms;
              }),
              HasSubstr("nobody would make"));
  EXPECT_THAT(refusal([](HealthState& state) {
                state.phase = Phase::kDown;
                state.failures = kBreakAfter;
                state.retry_at = state.since;
              }),
              HasSubstr("not broken"));
  EXPECT_THAT(refusal([](HealthState& state) { state.phase = Phase::kTrial; }),
              HasSubstr("too few"));
  EXPECT_THAT(refusal([](HealthState& state) { state.heard_since = Instant() + 2s; }),
              HasSubstr("is not up"));
  EXPECT_THAT(refusal([](HealthState& state) { state.lag = 1s; }), HasSubstr("lags"));
  EXPECT_THAT(refusal([](HealthState& state) {
                state.phase = Phase::kUp;
                state.lag = -1s;
              }),
              HasSubstr("ahead"));
  EXPECT_THAT(refusal([](HealthState& state) { state.failures = 10; }), HasSubstr("more often"));
}

TEST(Phases, HaveEachANameOfItsOwn) {
  std::string names;
  for (uint8_t phase = 0; phase <= uint8_t(kLastPhase); ++phase) {
    EXPECT_EQ(names.find(std::string(NameOf(Phase(phase)))), std::string::npos);
    names += std::string(NameOf(Phase(phase))) + " ";
  }
}

}  // namespace
}  // namespace floe::upstream
