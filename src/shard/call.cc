// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/call.h"

#include "shard/shard.h"

namespace floe::shard {

void Call::Run(Shard& shard) {
  run(shard, work);
  Done();
}

void Call::Done() {
  // Told under the lock: once it is released the call may be gone from its stack.
  const MutexLock lock(&mutex);
  if (--left == 0) is_done.NotifyAll();
}

void RunCall(Call& call, std::span<Shard* const> shards, ring::Waker& waker) {
  {
    const MutexLock lock(&call.mutex);
    call.left = shards.size();
  }
  for (Shard* shard : shards) shard->Post({.kind = Mail::Kind::kCall, .call = &call}, waker);
  const MutexLock lock(&call.mutex);
  while (call.left > 0) call.is_done.Wait(&call.mutex);
}

}  // namespace floe::shard
