// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "listener/fan_out.h"
#include "mount/registry.h"
#include "sim/broadcast.h"
#include "sim/player.h"
#include "sim/simulated_ring.h"
#include "tape/arena.h"

namespace floe::sim {

struct StationOptions {
  listener::FanOutOptions fan_out;
  Faults faults;
  uint64_t arena_bytes = uint64_t{16} << 20;
  milliseconds step{1};             // between two turns
  bool sources_stand_still = true;  // now and then while the server is handed over
};

// StationSim is a whole station on one shard: real fan-out, mounts and tapes; simulated ring,
// clock, sources and players. Equal seeds and equal calls give equal runs.
class StationSim {
 public:
  explicit StationSim(uint64_t seed) : StationSim(seed, StationOptions()) {}
  StationSim(uint64_t seed, const StationOptions& options);

  // ---- what happens ----
  // A mount with a source that sends from now on.
  Broadcast& Broadcasts(const std::string& name) { return Broadcasts(name, config::Mount(), {}); }
  Broadcast& Broadcasts(const std::string& name, const config::Mount& settings,
                        const BroadcastOptions& options);
  Player& Listen(const std::string& name) { return Listen(name, PlayerOptions()); }
  Player& Listen(const std::string& name, const PlayerOptions& options);
  void Kick(Player& player);
  // Another fan-out goes on with all listeners where this one stands.
  void HandOver();
  // Time passes.
  void Play(milliseconds time);
  // The same, and nothing new is published meanwhile.
  void PlayOut(milliseconds time);
  // All leave, and what is in flight ends.
  void Close();

  // ---- what came of it ----
  Broadcast& broadcast(const std::string& name) { return *broadcasts_.at(name); }
  const std::vector<std::unique_ptr<Player>>& players() const { return players_; }
  listener::FanOut& fan_out() { return *fan_out_; }
  tape::Arena& arena() { return *arena_; }
  uint32_t pages_alive() const { return arena_->pages_in_use(); }
  Instant now() const { return now_; }
  const SimulatedRing& ring() const { return ring_; }
  // Of the fan-outs before this one.
  const listener::FanOutCounters& counters_before() const { return counters_before_; }
  // Broken promises, of fan-out or of players' ears; empty when all is well.
  std::vector<std::string> Complaints() const;
  // Those of fan-out alone.
  const std::vector<std::string>& own_complaints() const { return complaints_; }

 private:
  void Step(bool publishes);
  void Freeze();
  void CheckClosed();
  void Turn();
  void CheckInvariants();

  const StationOptions options_;
  Dice dice_;
  Instant now_;
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::map<std::string, std::unique_ptr<Broadcast>> broadcasts_;
  std::unique_ptr<listener::FanOut> fan_out_;
  SimulatedRing ring_;
  std::vector<std::unique_ptr<Player>> players_;
  std::map<uint32_t, Player*> by_slot_;
  listener::FanOutCounters counters_before_;
  std::vector<std::string> complaints_;
};

}  // namespace floe::sim
