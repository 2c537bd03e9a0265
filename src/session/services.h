// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "config/config.h"
#include "mount/registry.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::session {

// A file that plays on a mount while no source is connected.
struct LoopFile {
  std::string mount;
  std::string content_type;
  std::string bytes;
};

// Services is what every session of the process shares.
//
// Lifetime  of the process: made before the shards run, gone after they ended.
// Threads   Read-only once shards run; what it points to says of itself who may call it.
struct Services {
  const config::Config* config = nullptr;
  mount::Registry* registry = nullptr;
  shard::WorkerPool* workers = nullptr;
  std::vector<shard::Shard*> shards;
  std::vector<LoopFile> loops;
  absl::Time started;  // wall clock
  uint16_t port = 0;   // of the first listening socket, for URLs when the requester names none

  uint32_t Listeners() const {
    uint32_t sum = 0;
    for (const shard::Shard* shard : shards) sum += shard->gauges().listeners;
    return sum;
  }
};

}  // namespace floe::session
