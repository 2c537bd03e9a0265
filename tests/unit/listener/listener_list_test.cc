// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/listener_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace floe::listener {
namespace {

TEST(ListenerList, AListThatWasEmptiedFromBothEndsCanBeFilledAgain) {
  Listeners listeners(8);
  ListenerList list;
  const ListenerSlot first = listeners.Take();
  const ListenerSlot second = listeners.Take();
  list.PushBack(listeners, first);
  list.PushBack(listeners, second);
  EXPECT_EQ(list.PopFront(listeners), first);
  list.Remove(listeners, second);
  EXPECT_TRUE(list.empty());
  list.PushBack(listeners, first);
  EXPECT_EQ(list.head(), first);
  EXPECT_EQ(list.tail(), first);
}

TEST(ListenerList, DoesWhatADequeWouldDo) {
  std::mt19937 dice(11);
  Listeners listeners(16);
  ListenerList list;
  std::deque<ListenerSlot> model;
  for (int i = 0; i < 100'000; ++i) {
    const uint32_t lot = dice() % 4;
    if (lot < 2 && listeners.in_use() < 16) {
      model.push_back(listeners.Take());
      list.PushBack(listeners, model.back());
    } else if (lot == 2 && !model.empty()) {
      ASSERT_EQ(list.PopFront(listeners), model.front());
      listeners.Free(model.front());
      model.pop_front();
    } else if (!model.empty()) {
      const auto leaver = model.begin() + dice() % model.size();
      list.Remove(listeners, *leaver);
      listeners.Free(*leaver);
      model.erase(leaver);
    }
    ASSERT_EQ(list.empty(), model.empty());
    if (!model.empty()) {
      ASSERT_EQ(list.head(), model.front());
      ASSERT_EQ(list.tail(), model.back());
    }
  }
}

}  // namespace
}  // namespace floe::listener
