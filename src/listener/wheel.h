// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "listener/listener.h"
#include "listener/listener_list.h"

namespace floe::listener {

// Wheel holds listeners by the tick at which they are due: a ring of lists, one per tick.
//
// Units     ticks, counted by the fan-out. A listener due further ahead than the ring reaches is
//           served when the ring ends: kHorizonTicks bounds what may be asked.
// Threads   One: the shard that owns it.
// Failure   None. What is overdue is served first, in the order it fell due.
class Wheel {
 public:
  static constexpr uint32_t kBuckets = 1024;  // a power of two; 10 s at 10 ms
  static constexpr uint32_t kHorizonTicks = kBuckets - 1;

  explicit Wheel(Listeners& listeners) : listeners_(listeners) {}

  // A tick that was already served counts as the next one.
  void Put(ListenerSlot slot, uint64_t due_tick) {
    const uint64_t tick = std::clamp(due_tick, next_tick_, next_tick_ + kHorizonTicks);
    Listener& listener = listeners_[slot];
    listener.bucket = uint16_t(tick % kBuckets);
    buckets_[listener.bucket].PushBack(listeners_, slot);
    ++count_;
  }

  // Of a wheel that holds nobody: what is put on it is due at `tick` at the earliest.
  void BeginAt(uint64_t tick) {
    if (count_ == 0) next_tick_ = std::max(next_tick_, tick);
  }

  // REQUIRES: the listener is on the wheel.
  void Remove(ListenerSlot slot) {
    buckets_[listeners_[slot].bucket].Remove(listeners_, slot);
    --count_;
  }

  // Takes off the next listener that is due at `tick` or was before; kNoSlot when none is.
  ListenerSlot PopDue(uint64_t tick) {
    if (count_ == 0) next_tick_ = std::max(next_tick_, tick + 1);
    // After a long pause every bucket is due, and each is walked once.
    if (next_tick_ + kBuckets <= tick) next_tick_ = tick - kBuckets + 1;
    for (; next_tick_ <= tick; ++next_tick_) {
      ListenerList& bucket = buckets_[next_tick_ % kBuckets];
      if (bucket.empty()) continue;
      --count_;
      return bucket.PopFront(listeners_);
    }
    return kNoSlot<ListenerSlot>;
  }

  // When a listener on the wheel is due.
  uint64_t DueTick(ListenerSlot slot) const {
    const uint64_t ahead = (listeners_[slot].bucket + kBuckets - next_tick_ % kBuckets) % kBuckets;
    return next_tick_ + ahead;
  }

  // For how many ticks somebody has been due at `tick`; 0 when nobody was due before it.
  uint64_t OverdueTicks(uint64_t tick) const {
    if (count_ == 0) return 0;
    for (uint64_t due = next_tick_; due < tick; ++due) {
      if (!buckets_[due % kBuckets].empty()) return tick - due;
    }
    return 0;
  }

  uint32_t count() const { return count_; }

 private:
  Listeners& listeners_;
  std::array<ListenerList, kBuckets> buckets_;
  uint64_t next_tick_ = 0;  // the first that is not served completely
  uint32_t count_ = 0;
};

}  // namespace floe::listener
