// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "ring/waker.h"
#include "server/placement.h"
#include "shard/shard.h"

namespace floe::server {

// ShardThreads starts one thread a shard, each at its place, and sees them end.
//
//   Open: every shard makes its ring ... Run: all begin to turn ... Stop: all finish ... Join
//
// A shard is made on the thread that runs it, since a ring is its maker's.
//
// Lifetime  of the process; Join before it goes.
// Threads   The main thread's.
class ShardThreads {
 public:
  ~ShardThreads();

  // Starts the threads, each at its place, and waits until every shard is open. Errors: the first
  // shard's that failed.
  absl::Status Open(std::vector<shard::ShardOptions> options, const std::vector<Place>& places);
  const std::vector<shard::Shard*>& shards() const { return shards_; }
  void Run();
  // Tells every shard to finish.
  void Stop(ring::Waker& waker);
  // How many still turn. A shard that failed counts no longer, and fails the process.
  uint32_t running() const { return running_.load(std::memory_order_acquire); }
  // Waits for all. Errors: the first shard's that did not end well.
  absl::Status Join();

 private:
  void Work(uint32_t index, const shard::ShardOptions& options, const Place& place);

  std::vector<std::thread> threads_;
  std::vector<shard::Shard*> shards_;  // each its thread's own; valid until that ends
  std::atomic<uint32_t> running_{0};
  std::atomic<bool> may_run_{false};
  Mutex mutex_;         // of the start and the end
  CondVar has_opened_;  // opened_ grew
  CondVar may_go_;      // go_ is set
  uint32_t opened_ ABSL_GUARDED_BY(mutex_) = 0;
  bool go_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::server
