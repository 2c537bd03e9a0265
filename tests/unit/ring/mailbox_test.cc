// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/mailbox.h"

#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace floe::ring {
namespace {

TEST(Mailbox, DeliversInOrderAndSaysWhenItIsFull) {
  Mailbox<int> box(/*capacity=*/4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(box.Post(i));
  EXPECT_FALSE(box.Post(4));
  int got = -1;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(box.Take(&got));
    EXPECT_EQ(got, i);
  }
  EXPECT_FALSE(box.Take(&got));
  EXPECT_TRUE(box.Post(5));
}

TEST(Mailbox, OnlyTheFirstSenderSinceTheLastWakeHasToWake) {
  Mailbox<int> box(/*capacity=*/4);
  EXPECT_TRUE(box.ShouldWake());
  EXPECT_FALSE(box.ShouldWake());
  box.Woken();
  EXPECT_TRUE(box.ShouldWake());
}

TEST(Mailbox, NothingIsLostOrDoubledWithManySenders) {
  constexpr int kSenders = 4;
  constexpr uint64_t kEach = 20'000;
  Mailbox<uint64_t> box(/*capacity=*/64);
  std::vector<std::thread> senders;
  for (uint64_t sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&box, sender] {
      for (uint64_t i = 0; i < kEach; ++i) {
        while (!box.Post(sender << 32 | i)) std::this_thread::yield();
      }
    });
  }
  uint64_t next[kSenders] = {};
  for (uint64_t taken = 0; taken < kSenders * kEach;) {
    uint64_t message = 0;
    if (!box.Take(&message)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(message & 0xffffffff, next[message >> 32]++);  // of one sender, in order
    ++taken;
  }
  for (std::thread& sender : senders) sender.join();
  uint64_t more = 0;
  EXPECT_FALSE(box.Take(&more));
}

}  // namespace
}  // namespace floe::ring
