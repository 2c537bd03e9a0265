// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace floe::listener {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class WheelTest : public testing::Test {
 protected:
  ListenerSlot Put(uint64_t tick) {
    const ListenerSlot slot = listeners_.Take();
    wheel_.Put(slot, tick);
    return slot;
  }
  std::vector<ListenerSlot> DueAt(uint64_t tick) {
    std::vector<ListenerSlot> due;
    for (ListenerSlot slot = wheel_.PopDue(tick); slot != kNoSlot<ListenerSlot>;
         slot = wheel_.PopDue(tick)) {
      due.push_back(slot);
    }
    return due;
  }

  Listeners listeners_{4096};
  Wheel wheel_{listeners_};
};

TEST_F(WheelTest, AListenerIsDueAtItsTickAndNotBefore) {
  const ListenerSlot slot = Put(7);
  EXPECT_THAT(DueAt(6), IsEmpty());
  EXPECT_THAT(DueAt(7), ElementsAre(slot));
  EXPECT_THAT(DueAt(8), IsEmpty());
}

TEST_F(WheelTest, WhoIsOverdueLongestIsServedFirst) {
  const ListenerSlot late = Put(9);
  const ListenerSlot early = Put(3);
  const ListenerSlot early_too = Put(3);
  EXPECT_THAT(DueAt(20), ElementsAre(early, early_too, late));
}

TEST_F(WheelTest, WhatATurnHadNoRoomForComesFirstInTheNext) {
  const ListenerSlot first = Put(3);
  const ListenerSlot second = Put(3);
  EXPECT_EQ(wheel_.PopDue(3), first);
  const ListenerSlot third = Put(4);
  EXPECT_THAT(DueAt(4), ElementsAre(second, third));
}

TEST_F(WheelTest, SaysForHowLongSomebodyHasBeenDue) {
  EXPECT_EQ(wheel_.OverdueTicks(1'000), 0u);
  Put(5);
  Put(8);
  EXPECT_EQ(wheel_.OverdueTicks(5), 0u);
  EXPECT_EQ(wheel_.OverdueTicks(9), 4u);
  EXPECT_NE(wheel_.PopDue(9), kNoSlot<ListenerSlot>);
  EXPECT_EQ(wheel_.OverdueTicks(9), 1u);
}

TEST_F(WheelTest, ATickThatIsOverCountsAsTheNextOne) {
  EXPECT_THAT(DueAt(100), IsEmpty());
  const ListenerSlot slot = Put(50);
  EXPECT_THAT(DueAt(100), IsEmpty());
  EXPECT_THAT(DueAt(101), ElementsAre(slot));
}

TEST_F(WheelTest, NobodyIsServedEarlyForAskingFurtherThanTheWheelReaches) {
  const ListenerSlot slot = Put(1'000'000);
  EXPECT_THAT(DueAt(Wheel::kHorizonTicks - 1), IsEmpty());
  EXPECT_THAT(DueAt(Wheel::kHorizonTicks), ElementsAre(slot));
}

TEST_F(WheelTest, AfterALongPauseEverybodyIsServedOnce) {
  std::vector<ListenerSlot> all;
  for (uint64_t tick = 0; tick < Wheel::kBuckets; ++tick) all.push_back(Put(tick));
  EXPECT_THAT(DueAt(10'000'000), testing::UnorderedElementsAreArray(all));
  EXPECT_EQ(wheel_.count(), 0u);
}

TEST_F(WheelTest, WhoLeftIsNotServed) {
  const ListenerSlot head = Put(5);
  const ListenerSlot middle = Put(5);
  const ListenerSlot between = Put(5);
  const ListenerSlot tail = Put(5);
  wheel_.Remove(middle);
  wheel_.Remove(tail);
  wheel_.Remove(head);
  EXPECT_THAT(DueAt(5), ElementsAre(between));
}

// The same as a sorted map of queues, for any order of calls.
TEST_F(WheelTest, DoesWhatASortedMapWouldDo) {
  std::mt19937 dice(7);
  std::multimap<uint64_t, ListenerSlot> model;
  uint64_t now = 0;
  for (int i = 0; i < 200'000; ++i) {
    const uint32_t lot = dice() % 10;
    if (lot < 4 && listeners_.in_use() < 1'000) {
      const uint64_t tick = now + 1 + dice() % 300;
      model.emplace(tick, Put(tick));
    } else if (lot < 5 && !model.empty()) {
      const auto leaver = std::next(model.begin(), dice() % std::min<size_t>(model.size(), 50));
      wheel_.Remove(leaver->second);
      listeners_.Free(leaver->second);
      model.erase(leaver);
    } else {
      now += dice() % 3;
      for (uint32_t taken = dice() % 8; taken > 0; --taken) {
        const ListenerSlot due = wheel_.PopDue(now);
        const bool is_none_due = model.empty() || model.begin()->first > now;
        ASSERT_EQ(due, is_none_due ? kNoSlot<ListenerSlot> : model.begin()->second);
        if (is_none_due) break;
        listeners_.Free(due);
        model.erase(model.begin());
      }
    }
    ASSERT_EQ(wheel_.count(), model.size());
  }
}

}  // namespace
}  // namespace floe::listener
