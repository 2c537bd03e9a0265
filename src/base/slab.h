// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "base/slot.h"

namespace floe {

// Slab gives out records by slot. It grows by whole blocks, so records never move, and it never
// shrinks: a freed slot is the next one used.
//
// Units     records; at most `capacity` of them.
// Lifetime  A record is value-initialised by Take and has no destructor to run.
// Threads   One: the shard that owns it.
// Failure   Take answers kNoSlot when `capacity` records are in use.
template <typename Record, typename Slot, uint32_t kBlockRecords = 1024>
class Slab {
  static_assert(std::is_trivially_copyable_v<Record>, "slots are reused, not destroyed");

 public:
  explicit Slab(uint32_t capacity) : capacity_(capacity) {}

  [[nodiscard]] Slot Take() {
    if (free_.empty() && !Grow()) return kNoSlot<Slot>;
    const Slot slot = free_.back();
    free_.pop_back();
    (*this)[slot] = Record{};
    ++in_use_;
    return slot;
  }

  void Free(Slot slot) {
    FLOE_CHECK(in_use_ > 0);
    free_.push_back(slot);
    --in_use_;
  }

  Record& operator[](Slot slot) {
    const uint32_t i = Index(slot);
    return blocks_[i / kBlockRecords][i % kBlockRecords];
  }
  const Record& operator[](Slot slot) const {
    const uint32_t i = Index(slot);
    return blocks_[i / kBlockRecords][i % kBlockRecords];
  }

  uint32_t in_use() const { return in_use_; }
  uint32_t capacity() const { return capacity_; }
  // Slots below this one have been given out at some time.
  uint32_t extent() const { return extent_; }

 private:
  bool Grow() {
    if (extent_ >= capacity_) return false;
    const uint32_t more = std::min(kBlockRecords, capacity_ - extent_);
    blocks_.push_back(std::make_unique<Record[]>(kBlockRecords));
    free_.reserve(extent_ + more);
    for (uint32_t i = more; i > 0; --i) free_.push_back(Slot(extent_ + i - 1));
    extent_ += more;
    return true;
  }

  uint32_t capacity_;
  uint32_t extent_ = 0;
  uint32_t in_use_ = 0;
  std::vector<std::unique_ptr<Record[]>> blocks_;
  std::vector<Slot> free_;
};

}  // namespace floe
