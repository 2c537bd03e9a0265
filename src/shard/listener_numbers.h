// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace floe::shard {

// ListenerNumbers gives each listener of the process a number of its own, which an operator names
// it by. The next binary goes on counting where this one ended.
//
// Units     numbers count from 1.
// Lifetime  of the process; outlives the shards.
// Threads   Any. One addition for a listener that joins, none for one that listens.
class ListenerNumbers {
 public:
  uint64_t Take() { return next_.fetch_add(1, std::memory_order_relaxed); }
  // What Take answers next. To be carried over, read it once no shard adopts any more.
  uint64_t next() const { return next_.load(std::memory_order_relaxed); }
  void GoOnFrom(uint64_t next) { next_.store(next, std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> next_{1};
};

}  // namespace floe::shard
