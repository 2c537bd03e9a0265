// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Work that another thread has done on a shard's own: how settings change, and how a shard is
// frozen and read out.
//
//   main thread: CallEach --mail--> every shard runs the work between two turns --> all have: go on
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "base/mutex.h"
#include "ring/waker.h"

namespace floe::shard {

class Shard;

// Call is one piece of work for some shards; it lives on the stack of who waits for it.
struct Call {
  void (*run)(Shard& shard, void* work);
  void* work;
  Mutex mutex;
  CondVar is_done;
  size_t left ABSL_GUARDED_BY(mutex) = 0;

  // On the shard's thread: runs the work, and tells the caller when it was the last to.
  void Run(Shard& shard);
  // The caller need not wait for this shard any more; without Run, for one that turns no more.
  void Done();
};

// Posts the call to each and waits until all have run it.
void RunCall(Call& call, std::span<Shard* const> shards, ring::Waker& waker);

// Runs `work(Shard&)` on each shard's thread, side by side, and waits for all of them.
// A shard that failed is left out. REQUIRES: none was told to stop, and the caller is on none of
// them.
template <typename Work>
void CallEach(std::span<Shard* const> shards, ring::Waker& waker, Work&& work) {
  using Plain = std::remove_reference_t<Work>;
  Call call{.run = [](Shard& shard, void* plain) { (*static_cast<Plain*>(plain))(shard); },
            .work = &work};
  RunCall(call, shards, waker);
}

// The same on one shard.
template <typename Work>
void CallOne(Shard& shard, ring::Waker& waker, Work&& work) {
  Shard* const one[] = {&shard};
  CallEach(one, waker, work);
}

}  // namespace floe::shard
