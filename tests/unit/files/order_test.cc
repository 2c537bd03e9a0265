// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace floe::files {
namespace {

using config::FileOrder;
using testing::ElementsAre;
using testing::SizeIs;

std::vector<size_t> Take(Order& order, size_t count) {
  std::vector<size_t> taken;
  for (size_t i = 0; i < count; ++i) {
    taken.push_back(order.current());
    order.Advance();
  }
  return taken;
}

TEST(Order, InOrderIsTheSameInEachRound) {
  Order order(FileOrder::kInOrder, 3, 7);
  EXPECT_THAT(Take(order, 7), ElementsAre(0, 1, 2, 0, 1, 2, 0));
}

TEST(Order, ShuffledEachPlaysOncePerRoundAndNeverTwiceInARow) {
  for (const size_t count : {1, 2, 3, 4, 50}) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      Order order(FileOrder::kShuffle, count, seed);
      size_t last = count;
      for (int round = 0; round < 6; ++round) {
        const std::vector<size_t> row = Take(order, count);
        EXPECT_THAT(std::set<size_t>(row.begin(), row.end()), SizeIs(count));
        if (count > 1) {
          EXPECT_NE(row.front(), last) << count << " " << seed;
        }
        last = row.back();
      }
    }
  }
}

TEST(Order, RoundsAndSeedsDiffer) {
  Order order(FileOrder::kShuffle, 20, 1), other(FileOrder::kShuffle, 20, 2);
  const std::vector<size_t> first = Take(order, 20);
  EXPECT_NE(first, Take(order, 20));
  EXPECT_NE(first, Take(other, 20));
}

TEST(Order, AnotherGoesOnWhereOneWas) {
  for (const FileOrder kind : {FileOrder::kInOrder, FileOrder::kShuffle}) {
    Order order(kind, 9, 5);
    for (int i = 0; i < 40; ++i) {
      Order other(kind, 9, 99);
      other.GoTo(order.place(), order.current());
      Order copy = order;
      EXPECT_EQ(Take(other, 30), Take(copy, 30)) << i;
      order.Advance();
    }
  }
}

}  // namespace
}  // namespace floe::files
