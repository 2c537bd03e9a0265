// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "base/clock.h"
#include "ring/io.h"
#include "ring/task.h"

namespace floe::hooks {

// So many calls of one shard to one URL are under way at once; the next wait for their turn.
inline constexpr uint32_t kHookCallsAtOnce = 64;

// CallSlots has those who want to call one URL do so in their order, a bounded number at a time: of
// ten thousand listeners who come at once, not all are a connection to the web server.
//
// Lifetime  outlives all who enter.
// Threads   The shard's.
class CallSlots {
 public:
  // Waits for a turn; who has one has to Leave. Errors: DeadlineExceeded; Cancelled when `owner`
  // was interrupted.
  ring::Task<absl::Status> Enter(ring::Io& io, std::string url, Instant by, const void* owner);
  void Leave(ring::Io& io, const std::string& url);

 private:
  struct Place {
    uint32_t under_way = 0;
    std::deque<const void*> waiting;
  };
  std::map<std::string, Place> places_;  // which stay where they are
};

}  // namespace floe::hooks
