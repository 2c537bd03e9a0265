// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "ring/io.h"
#include "ring/task.h"
#include "shard/shard.h"

namespace floe::dial {

// Companions are tasks that run beside a coroutine, look at what it owns, and have ended when it
// does: it awaits the last.
//
//   companions.Spawn(shard, Attempt(race));      the task's last word is companions.End(io)
//   co_await companions.WaitForAll(io);
//
// Lifetime  of the coroutine's frame, or longer.
// Threads   The shard's.
class Companions {
 public:
  // False, and nothing ran, when there is no room for it.
  bool Spawn(shard::Shard& shard, ring::Task<> task) {
    ++running_;
    if (shard.Spawn(std::move(task))) return true;
    --running_;
    return false;
  }
  // May resume who waits, to its very end: a task says so last, and touches nothing afterwards.
  void End(ring::Io& io) {
    --running_;
    if (running_ == 0 && waiter_ != nullptr) io.Complete(std::exchange(waiter_, nullptr));
  }
  uint32_t running() const { return running_; }
  // A stop does not end this wait, but it ends those of the companions.
  static ring::Task<> WaitForAll(ring::Io& io, Companions& companions) {
    if (companions.running_ == 0) co_return;
    co_await io.Work(&Companions::Note, &companions);
  }

 private:
  static void Note(ring::AwaitOp* op, void* companions) {
    static_cast<Companions*>(companions)->waiter_ = op;
  }

  uint32_t running_ = 0;
  ring::AwaitOp* waiter_ = nullptr;
};

}  // namespace floe::dial
