// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/slab.h"

#include <set>

#include "gtest/gtest.h"

namespace floe {
namespace {

struct Record {
  uint64_t value;
};
using SmallSlab = Slab<Record, ListenerSlot, /*kBlockRecords=*/4>;

TEST(Slab, GivesOutAsManySlotsAsItHasAndNoneTwice) {
  SmallSlab slab(/*capacity=*/10);
  std::set<uint32_t> given;
  for (int i = 0; i < 10; ++i) given.insert(Index(slab.Take()));
  EXPECT_EQ(given.size(), 10u);
  EXPECT_EQ(slab.Take(), kNoSlot<ListenerSlot>);
}

TEST(Slab, AFreedSlotComesBackCleared) {
  SmallSlab slab(/*capacity=*/1);
  const ListenerSlot slot = slab.Take();
  slab[slot].value = 7;
  slab.Free(slot);
  EXPECT_EQ(slab.Take(), slot);
  EXPECT_EQ(slab[slot].value, 0u);
}

TEST(Slab, RecordsDoNotMoveWhenItGrows) {
  SmallSlab slab(/*capacity=*/64);
  Record* first = &slab[slab.Take()];
  for (int i = 1; i < 64; ++i) (void)slab.Take();
  EXPECT_EQ(first, &slab[ListenerSlot(0)]);
}

}  // namespace
}  // namespace floe
