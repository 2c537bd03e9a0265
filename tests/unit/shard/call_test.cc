// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/call.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "unit/shard/shard_on_thread.h"

namespace floe::shard {
namespace {

TEST(Call, RunsOnTheShardsOwnThreadAndIsOverWhenItReturns) {
  ShardOnThread shard(/*turns=*/true);
  const std::unique_ptr<ring::Waker> waker = ring::Waker::Create().value();
  for (int i = 0; i < 100; ++i) {
    std::thread::id ran_on;
    CallOne(shard.get(), *waker, [&](Shard&) { ran_on = std::this_thread::get_id(); });
    EXPECT_EQ(ran_on, shard.id());
  }
}

TEST(Call, OfSeveralShardsTheOneThatFailedIsLeftOutAndNotWaitedFor) {
  ShardOnThread well(/*turns=*/true), failed(/*turns=*/false);
  const std::unique_ptr<ring::Waker> waker = ring::Waker::Create().value();
  Shard* const both[] = {&failed.get(), &well.get()};
  for (int i = 0; i < 3; ++i) {
    int runs = 0;
    CallEach(both, *waker, [&](Shard& shard) { runs += &shard == both[1] ? 1 : 100; });
    EXPECT_EQ(runs, 1);
  }
}

}  // namespace
}  // namespace floe::shard
