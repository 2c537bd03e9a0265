// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/interval.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace floe::listener {
namespace {

// A shard with listeners: how much its sends cost follows from the interval.
class Shard {
 public:
  Shard(IntervalLaw& law, double listeners) : law_(law), listeners_(listeners) {}

  double listeners() const { return listeners_; }
  void SetListeners(double listeners) { listeners_ = listeners; }
  void SetNoise(double noise) { noise_ = noise; }
  void SetOtherWork(double share) { other_share_ = share; }

  void Run(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += kWindow) {
      // A frame every 26 ms: nobody is sent more often than that. And nobody gets more than all
      // of a core.
      const double interval_s = std::max(0.026, double(law_.interval().count()) / 1'000);
      const double noise = 1 + noise_ * (double(dice_()) / double(dice_.max()) - 0.5);
      const double wanted = listeners_ / interval_s * kSendCost_s;
      share_ = std::min(1.0, wanted);
      const double window_s = double(kWindow.count()) / 1'000;
      const auto sends = uint64_t(share_ / kSendCost_s * window_s);
      const double busy_s = std::min(1.0, share_ * noise + other_share_) * window_s;
      law_.Observe(nanoseconds(int64_t(busy_s * 1e9)), sends, kWindow);
    }
  }
  double share() const { return share_; }

 private:
  static constexpr milliseconds kWindow{10};
  static constexpr double kSendCost_s = 7e-6;

  IntervalLaw& law_;
  double listeners_;
  double noise_ = 0;
  double other_share_ = 0;
  double share_ = 0;
  std::mt19937 dice_{5};
};

IntervalLaw Auto() { return IntervalLaw(std::nullopt, 20ms, 1'000ms); }

TEST(Interval, AFewListenersAreServedAtTheShortestInterval) {
  IntervalLaw law = Auto();
  Shard shard(law, 90);
  shard.Run(60s);
  EXPECT_EQ(law.interval(), 20ms);
}

TEST(Interval, ShardsThatShareACoreShareWhatSendsMayCost) {
  IntervalLaw alone = Auto();
  Shard(alone, 900).Run(60s);
  IntervalLaw shared(std::nullopt, 20ms, 1'000ms, kFanOutShareTarget / 3);
  Shard(shared, 900).Run(60s);
  EXPECT_GE(shared.interval(), 5 * alone.interval() / 2);
  EXPECT_LE(shared.interval(), 7 * alone.interval() / 2);
}

TEST(Interval, FiveThousandListenersReachTheLongestWithinTwoSeconds) {
  IntervalLaw law = Auto();
  Shard shard(law, 5'000);
  shard.Run(2s);
  EXPECT_EQ(law.interval(), 1'000ms);
}

TEST(Interval, InBetweenSendsCostTheTarget) {
  for (const double listeners : {200, 500, 1'000, 2'000, 4'000}) {
    IntervalLaw law = Auto();
    Shard shard(law, listeners);
    shard.Run(20s);
    EXPECT_NEAR(shard.share(), kFanOutShareTarget, kFanOutShareTarget * 0.12) << listeners;
  }
}

TEST(Interval, ItDoesNotSwing) {
  for (const double noise : {0.0, 0.1, 0.4}) {
    IntervalLaw law = Auto();
    Shard shard(law, 1'000);
    shard.SetNoise(noise);
    shard.Run(20s);
    const milliseconds settled = law.interval();
    for (int i = 0; i < 100; ++i) {
      shard.Run(1s);
      EXPECT_NEAR(double(law.interval().count()), double(settled.count()),
                  0.15 * double(settled.count()));
    }
  }
}

TEST(Interval, WhenListenersLeaveLatencyComesBackWithinSeconds) {
  IntervalLaw law = Auto();
  Shard shard(law, 5'000);
  shard.Run(10s);
  shard.SetListeners(50);
  shard.Run(6s);
  EXPECT_EQ(law.interval(), 20ms);
}

TEST(Interval, OtherWorkOfTheShardIsNotPaidForByAFewListeners) {
  IntervalLaw law = Auto();
  Shard shard(law, 15);
  shard.SetOtherWork(0.8);
  shard.Run(30s);
  EXPECT_EQ(law.interval(), 20ms);
}

TEST(Interval, AFixedIntervalStaysWhateverSendsCost) {
  IntervalLaw law(250ms, 20ms, 1'000ms);
  Shard shard(law, 20'000);
  shard.Run(30s);
  EXPECT_EQ(law.interval(), 250ms);
}

TEST(Interval, NothingSentAndNothingMeasuredIsNoLoad) {
  IntervalLaw law = Auto();
  law.Observe(nanoseconds(0), 0, 10s);
  law.Observe(5s, 0, 10s);
  EXPECT_EQ(law.interval(), 20ms);
}

TEST(Interval, OtherBoundsHoldAtOnceAndWhatWasLearnedStaysWithinThem) {
  IntervalLaw law = Auto();
  Shard(law, 2'000).Run(20s);
  const milliseconds learned = law.interval();
  ASSERT_GT(learned, 100ms);
  law.SetBounds(std::nullopt, 20ms, 5'000ms);
  EXPECT_EQ(law.interval(), learned);
  law.SetBounds(std::nullopt, 20ms, 100ms);
  EXPECT_EQ(law.interval(), 100ms);
  law.SetBounds(70ms, 20ms, 1'000ms);
  Shard(law, 2'000).Run(5s);
  EXPECT_EQ(law.interval(), 70ms);
}

}  // namespace
}  // namespace floe::listener
