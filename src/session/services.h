// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "config/config_ref.h"
#include "mount/registry.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::session {

// Reloader has the process read its configuration anew: see server/process.h.
class Reloader {
 public:
  virtual ~Reloader() = default;
  // What has changed, a line each. Errors: why nothing has. Blocks; not for a shard's thread.
  virtual absl::StatusOr<std::vector<std::string>> Reload() = 0;
};

// Services is what every session of the process shares.
//
// Lifetime  of the process: made before the shards run, gone after they ended.
// Threads   Read-only once shards run; what it points to says of itself who may call it.
struct Services {
  config::LiveConfig config;
  mount::Registry* registry = nullptr;
  shard::WorkerPool* workers = nullptr;
  Reloader* reloader = nullptr;
  std::vector<shard::Shard*> shards;
  absl::Time started;  // wall clock
  // Of the first listening socket, for URLs when the requester names none.
  std::atomic<uint16_t> port{0};

  uint32_t Listeners() const {
    uint32_t sum = 0;
    for (const shard::Shard* shard : shards) sum += shard->gauges().listeners;
    return sum;
  }
};

}  // namespace floe::session
