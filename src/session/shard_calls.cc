// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/shard_calls.h"

#include <utility>

#include "absl/status/statusor.h"

namespace floe::session {

void ShardCalls::Refuse() {
  const MutexLock lock(&mutex_);
  refuses_ = true;
}

void ShardCalls::Allow() {
  const MutexLock lock(&mutex_);
  refuses_ = false;
}

bool ShardCalls::MayCall() {
  if (refuses_) return false;
  if (waker_ != nullptr) return true;
  absl::StatusOr<std::unique_ptr<ring::Waker>> waker = ring::Waker::Create();
  if (!waker.ok()) return false;
  waker_ = *std::move(waker);
  return true;
}

}  // namespace floe::session
