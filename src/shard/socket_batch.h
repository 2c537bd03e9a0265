// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/mutex.h"
#include "base/slot.h"

namespace floe::shard {

// SocketBatch is some direct descriptors of a shard, and the descriptors of the process that are
// made for them, so that the sockets can be given to another process.
//
//   main thread: sockets -> Shard::Install by a call ... Wait, uses fds, CloseAll
//
// Lifetime  of who waits for it.
// Threads   `sockets` and `fds` are the shard's from Install to the end of Wait.
class SocketBatch {
 public:
  SocketBatch() = default;
  ~SocketBatch() { CloseAll(); }
  SocketBatch(const SocketBatch&) = delete;
  SocketBatch& operator=(const SocketBatch&) = delete;

  std::vector<FdSlot> sockets;
  std::vector<int> fds;  // one each, once made; below 0: a negative errno

  // Until all are made. Answers the first errno, or 0.
  int Wait();
  void CloseAll();

  // For the shard: one more is made. Answers whether it was the last.
  bool Take(size_t index, int result);
  void Finish();

 private:
  size_t left_ = 0;  // the shard's
  Mutex mutex_;
  CondVar is_made_;
  bool made_ ABSL_GUARDED_BY(mutex_) = false;

  friend class Shard;
};

}  // namespace floe::shard
