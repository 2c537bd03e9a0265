// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/deadlines.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "ring/io.h"

namespace floe::ring {
namespace {

constexpr Instant At(int ms) { return Instant(milliseconds(ms)); }

TEST(Deadlines, ExpireOldestFirstAndNotEarly) {
  Deadlines deadlines;
  AwaitOp early, late;
  deadlines.Arm(&late, At(20));
  deadlines.Arm(&early, At(10));
  EXPECT_EQ(deadlines.Next(), At(10));
  EXPECT_EQ(deadlines.PopExpired(At(9)), nullptr);
  EXPECT_EQ(deadlines.PopExpired(At(30)), &early);
  EXPECT_EQ(deadlines.PopExpired(At(30)), &late);
  EXPECT_EQ(deadlines.Next(), std::nullopt);
}

TEST(Deadlines, DisarmingOneThatIsNotArmedDoesNothing) {
  Deadlines deadlines;
  AwaitOp op;
  deadlines.Disarm(&op);
  EXPECT_EQ(deadlines.Next(), std::nullopt);
}

TEST(Deadlines, KeepTheirOrderWhateverIsArmedAndDisarmed) {
  std::mt19937 random(7);
  Deadlines deadlines;
  std::vector<std::unique_ptr<AwaitOp>> ops;
  std::vector<int> due;
  for (int i = 0; i < 500; ++i) {
    ops.push_back(std::make_unique<AwaitOp>());
    due.push_back(int(random() % 1000));
    deadlines.Arm(ops.back().get(), At(due.back()));
  }
  std::vector<int> expected;
  for (int i = 0; i < 500; ++i) {
    if (i % 3 == 0) {
      deadlines.Disarm(ops[i].get());
    } else {
      expected.push_back(due[i]);
    }
  }
  std::sort(expected.begin(), expected.end());
  for (const int when : expected) {
    ASSERT_EQ(deadlines.Next(), At(when));
    ASSERT_NE(deadlines.PopExpired(At(when)), nullptr);
  }
  EXPECT_EQ(deadlines.Next(), std::nullopt);
}

}  // namespace
}  // namespace floe::ring
