// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "access/desk.h"
#include "access/gate.h"
#include "base/clock.h"
#include "config/config_ref.h"
#include "events/event_log.h"
#include "metrics/instruments.h"
#include "mount/registry.h"
#include "session/event_followers.h"
#include "session/intros.h"
#include "session/live_mounts.h"
#include "session/master_board.h"
#include "session/parking.h"
#include "session/push_board.h"
#include "session/relay_board.h"
#include "session/seating.h"
#include "session/shard_calls.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::hooks {
class Hooks;
}
namespace floe::store {
class Database;
class History;
class SessionQueue;
}  // namespace floe::store

namespace floe::session {

class EndpointTable;

// Reloader has the process read its configuration anew: see server/process.h.
class Reloader {
 public:
  virtual ~Reloader() = default;
  // What has changed, a line each. Errors: why nothing has. Blocks; not for a shard's thread.
  virtual absl::StatusOr<std::vector<std::string>> Reload() = 0;
};

// What was counted over all shards.
struct Totals {
  uint64_t joins = 0;
  uint64_t sends = 0;
  uint64_t sent_bytes = 0;
};

// Services is what every session of the process shares.
//
// Lifetime  of the process: made before the shards run, gone after they ended.
// Threads   Read-only once shards run; what it points to says of itself who may call it.
struct Services {
  config::LiveConfig config;
  const std::unique_ptr<events::EventLog> events = std::make_unique<events::EventLog>();
  // What is kept of the past: who writes, what waits to be written, who reads. Null: nothing is.
  store::Database* database = nullptr;
  store::SessionQueue* sessions = nullptr;
  const store::History* history = nullptr;
  mount::Registry* registry = nullptr;
  shard::WorkerPool* workers = nullptr;
  shard::WorkerPool* hashers = nullptr;    // for passwords: files do not wait for them
  shard::WorkerPool* resolvers = nullptr;  // for names of other servers, which may take seconds
  const std::unique_ptr<RelayBoard> relay_board = std::make_unique<RelayBoard>(events.get());
  const std::unique_ptr<MasterBoard> master_board = std::make_unique<MasterBoard>();
  const std::unique_ptr<PushBoard> push_board = std::make_unique<PushBoard>();
  const std::unique_ptr<access::Desk> desk = std::make_unique<access::Desk>();
  Reloader* reloader = nullptr;
  hooks::Hooks* hooks = nullptr;  // of other servers that are asked, and told
  const std::unique_ptr<ShardCalls> shard_calls = std::make_unique<ShardCalls>();
  const EndpointTable* endpoints = nullptr;  // the paths that are the server's own
  std::unique_ptr<Intros> intros = std::make_unique<Intros>();
  std::vector<shard::Shard*> shards;
  std::vector<std::unique_ptr<Parking>> parkings;  // by shard
  absl::Time started;                              // wall clock
  // What other servers know this process by, and those that it hands over to; not 0.
  uint64_t instance = 1;
  // Of the first listening socket, for URLs when the requester names none.
  std::atomic<uint16_t> port{0};

  Parking& ParkingOf(const shard::Shard& shard) const { return *parkings[shard.index()]; }

  const std::unique_ptr<LiveMounts> live_mounts = std::make_unique<LiveMounts>();
  // What is counted that is not on the way of the audio, and how long things take.
  const std::unique_ptr<metrics::Instruments> instruments =
      std::make_unique<metrics::Instruments>();
  // Who may come in, and what is counted of each address; gone after who counts by it.
  const std::unique_ptr<access::Gate> gate = std::make_unique<access::Gate>();
  const std::unique_ptr<Seating> seating = std::make_unique<Seating>(gate->counts());
  const std::unique_ptr<EventFollowers> event_followers = std::make_unique<EventFollowers>();
  std::atomic<bool> is_draining{false};  // about to stop: balancers send nobody any more
  Totals before;                         // of the processes that this one took over from

  // Since the start of the first of all these processes.
  Totals Sum() const {
    Totals sum = before;
    for (const shard::Shard* shard : shards) {
      sum.joins += shard->gauges().joins;
      sum.sends += shard->gauges().sends;
      sum.sent_bytes += shard->gauges().sent_bytes;
    }
    return sum;
  }

  uint32_t Listeners() const {
    uint32_t sum = 0;
    for (const shard::Shard* shard : shards) sum += shard->gauges().listeners;
    return sum;
  }
};

}  // namespace floe::session
