// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/silence.h"

#include "gtest/gtest.h"

namespace floe::shard {
namespace {

TEST(Silence, AShardThatTurnedWithinTheTimeIsAliveAndOneThatDidNotHangs) {
  ShardGauges gauges;
  const Instant turned{1'000s};
  gauges.last_turn_ns = nanoseconds(turned.time_since_epoch()).count();
  EXPECT_TRUE(HasTurned(gauges, turned, 5s));
  EXPECT_TRUE(HasTurned(gauges, turned + 4'999ms, 5s));
  EXPECT_FALSE(HasTurned(gauges, turned + 5s, 5s));
}

TEST(Silence, AShardThatBeganToTurnAfterTheClockWasReadIsAlive) {
  ShardGauges gauges;
  const Instant read{1'000s};
  gauges.last_turn_ns = nanoseconds((read + 1ms).time_since_epoch()).count();
  EXPECT_TRUE(HasTurned(gauges, read, 5s));
}

TEST(Silence, AShardThatNeverTurnedHangs) {
  EXPECT_FALSE(HasTurned(ShardGauges(), Instant(1'000s), 5s));
}

}  // namespace
}  // namespace floe::shard
