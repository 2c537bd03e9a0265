// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace floe::ring {

struct AwaitOp;

// Deadlines holds what coroutines wait for by the time at which they wait no longer: a binary heap
// in which every operation knows its place, so that arming and disarming, done for each receive of
// a source, allocates nothing.
//
// Lifetime  of its shard; operations disarm before they go.
// Threads   One.
class Deadlines {
 public:
  void Arm(AwaitOp* op, Instant by);
  // Does nothing when it is not armed.
  void Disarm(AwaitOp* op);
  std::optional<Instant> Next() const;
  // The operation with the oldest deadline at or before `now`, disarmed; null when there is none.
  AwaitOp* PopExpired(Instant now);

 private:
  struct Entry {
    Instant by;
    AwaitOp* op;
  };
  void Place(uint32_t at, Entry entry);
  void SiftUp(uint32_t at, Entry entry);
  void SiftDown(uint32_t at, Entry entry);
  void RemoveAt(uint32_t at);

  std::vector<Entry> heap_;
};

}  // namespace floe::ring
