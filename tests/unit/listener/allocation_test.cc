// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "listener/fan_out.h"
#include "unit/counted_new.h"
#include "unit/listener/mounted.h"

namespace floe::listener {
namespace {

TEST(Allocation, SteadyPlayAllocatesNothing) {
  Instant now{100s};
  Mounted mounted({.burst = 0ms, .history = 0ms});
  FanOut fan_out({});
  for (uint32_t i = 0; i < 200; ++i) {
    (void)fan_out.Join(
        {.mount = mounted.ref(), .fd = FdSlot(i), .metaint_bytes = i % 2 == 0 ? 0u : 1'000u}, now);
  }
  const std::string frame(400, 'a');
  std::vector<SendOrder> orders;
  uint64_t sends = 0;
  uint64_t allocations = 0;
  for (int i = 0; i < 6'000; ++i) {
    if (i % 2 == 0) mounted.Publish(frame);
    now += 10ms;
    const uint64_t before = g_allocations;
    fan_out.Turn(now);
    const uint64_t in_turn = g_allocations - before;
    orders.assign(fan_out.orders().begin(), fan_out.orders().end());
    const uint64_t before_outcomes = g_allocations;
    fan_out.Consumed();
    for (const SendOrder& order : orders) {
      fan_out.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now);
    }
    // The first half fills vectors up to what they need; the tape wraps around meanwhile.
    if (i >= 3'000) allocations += in_turn + g_allocations - before_outcomes;
    sends += orders.size();
  }
  EXPECT_GT(sends, 100'000u);
  EXPECT_EQ(allocations, 0u);
  fan_out.LeaveAll(Leaving::kStopping, now);
  fan_out.Consumed();
}

}  // namespace
}  // namespace floe::listener
