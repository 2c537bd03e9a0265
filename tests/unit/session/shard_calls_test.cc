// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/shard_calls.h"

#include <thread>

#include "gtest/gtest.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::session {
namespace {

TEST(ShardCalls, AreRunOnTheShardsOwnThread) {
  shard::ShardOnThread shard(/*turns=*/true);
  ShardCalls calls;
  std::thread::id ran_on;
  EXPECT_TRUE(calls.Run(shard.get(), [&](shard::Shard&) { ran_on = std::this_thread::get_id(); }));
  EXPECT_EQ(ran_on, shard.id());
}

TEST(ShardCalls, AreNotMadeToShardsThatAreAboutToEnd) {
  shard::ShardOnThread shard(/*turns=*/true);
  ShardCalls calls;
  calls.Refuse();
  bool was_run = false;
  EXPECT_FALSE(calls.Run(shard.get(), [&](shard::Shard&) { was_run = true; }));
  EXPECT_FALSE(was_run);
  calls.Allow();
  EXPECT_TRUE(calls.Run(shard.get(), [&](shard::Shard&) { was_run = true; }));
  EXPECT_TRUE(was_run);
}

}  // namespace
}  // namespace floe::session
