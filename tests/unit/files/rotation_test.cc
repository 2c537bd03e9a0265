// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace floe::files {
namespace {

using config::FileOrder;
using testing::ElementsAre;
using testing::SizeIs;

std::vector<size_t> Take(Rotation& rotation, size_t count) {
  std::vector<size_t> taken;
  for (size_t i = 0; i < count; ++i) {
    taken.push_back(rotation.current());
    rotation.Advance();
  }
  return taken;
}

TEST(Rotation, InOrderIsTheSameInEachRound) {
  Rotation rotation(FileOrder::kInOrder, 3, 7);
  EXPECT_THAT(Take(rotation, 7), ElementsAre(0, 1, 2, 0, 1, 2, 0));
}

TEST(Rotation, ShuffledEachPlaysOncePerRoundAndNeverTwiceInARow) {
  for (const size_t count : {1, 2, 3, 4, 50}) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      Rotation rotation(FileOrder::kShuffle, count, seed);
      size_t last = count;
      for (int round = 0; round < 6; ++round) {
        const std::vector<size_t> row = Take(rotation, count);
        EXPECT_THAT(std::set<size_t>(row.begin(), row.end()), SizeIs(count));
        if (count > 1) {
          EXPECT_NE(row.front(), last) << count << " " << seed;
        }
        last = row.back();
      }
    }
  }
}

TEST(Rotation, RoundsAndSeedsDiffer) {
  Rotation rotation(FileOrder::kShuffle, 20, 1), other(FileOrder::kShuffle, 20, 2);
  const std::vector<size_t> first = Take(rotation, 20);
  EXPECT_NE(first, Take(rotation, 20));
  EXPECT_NE(first, Take(other, 20));
}

TEST(Rotation, AnotherGoesOnWhereOneWas) {
  for (const FileOrder kind : {FileOrder::kInOrder, FileOrder::kShuffle}) {
    Rotation rotation(kind, 9, 5);
    for (int i = 0; i < 40; ++i) {
      Rotation other(kind, 9, 99);
      other.GoTo(rotation.place(), rotation.current());
      Rotation copy = rotation;
      EXPECT_EQ(Take(other, 30), Take(copy, 30)) << i;
      rotation.Advance();
    }
  }
}

}  // namespace
}  // namespace floe::files
