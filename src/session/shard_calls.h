// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "ring/waker.h"
#include "shard/call.h"
#include "shard/shard.h"

namespace floe::session {

// ShardCalls is how workers have work done on a shard's thread (shard/call.h): one call at a time
// over all of them, and none once the shards are to end, which would not be answered.
//
// Lifetime  of the process.
// Threads   Run: workers'. Refuse and Allow: any but a shard's.
class ShardCalls {
 public:
  // Runs `work(Shard&)` there, between two turns, and waits for it. It is to be short: whoever
  // listens there waits as well. False: nothing was done, since the shards are about to end or to
  // be another process's.
  template <typename Work>
  [[nodiscard]] bool Run(shard::Shard& shard, Work&& work) {
    const MutexLock lock(&mutex_);
    if (!MayCall()) return false;
    shard::CallOne(shard, *waker_, work);
    return true;
  }

  // From now on; a call that is under way is waited for.
  void Refuse();
  void Allow();

 private:
  // Makes what wakes shards, the first time.
  bool MayCall() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;  // held for a whole call
  bool refuses_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<ring::Waker> waker_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::session
