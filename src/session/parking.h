// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ring/io.h"
#include "ring/task.h"
#include "session/hand_over_state.h"
#include "shard/shard.h"

namespace floe::session {

class Push;
class Relay;
struct Exchange;
struct LoopFile;

// A source that stands still between two receives.
struct ParkedSource {
  Exchange* exchange;
  Feed* feed;
  mount::Writer* writer;

  bool operator==(const ParkedSource& other) const { return exchange == other.exchange; }
};

// A loop that stands still between two steps, or does not have its mount.
struct ParkedLoop {
  const LoopFile* file;
  mount::Writer* writer = nullptr;  // null: another source has the mount
  const audio::Framer* framer = nullptr;
  LoopProgress progress;

  bool operator==(const ParkedLoop& other) const { return file == other.file; }
};

// Parking is where the coroutines of one shard stand still while the server is handed over: who
// was hearing a request, sources, loops, relays, pushes. Each comes here by itself at a place where
// all that there is to know of it is a plain value.
//
//   CallArrivals: who hears a request comes     ... until nobody is undecided
//   CallAll:      those and all that plays      ... until IsFull: they are read out
//   Release:      all go on, or end without a word: another process goes on for them
//
// Lifetime  of the process; one for each shard.
// Threads   The shard's.
class Parking {
 public:
  enum class Verdict : uint8_t { kGoOn, kHandedOver };
  // What an exchange is doing, for as long as it does not park.
  enum class Stage : uint8_t { kDeciding, kFeeding, kAnswering };

  void CallArrivals(ring::Io& io);
  void CallAll(ring::Io& io);
  void Release(ring::Io& io, Verdict verdict);
  // Whatever wakes them from now on, all is another process's.
  void GiveUp() { verdict_ = Verdict::kHandedOver; }
  // From the beginning, until Release: what is taken over comes here first.
  void BeginFull() { calls_arrivals_ = calls_all_ = true; }

  // Nobody is on the way from a request to what becomes of it.
  bool IsQuiet() const { return count(Stage::kDeciding) == heads_.size(); }
  // Every source, loop, relay and push is here.
  bool IsFull() const {
    return IsQuiet() && sources_.size() == count(Stage::kFeeding) && loops_.size() == playing_ &&
           relays_.size() == relaying_ && pushes_.size() == pushing_;
  }
  const std::vector<Exchange*>& heads() const { return heads_; }
  const std::vector<ParkedSource>& sources() const { return sources_; }
  const std::vector<ParkedLoop>& loops() const { return loops_; }
  const std::vector<Relay*>& relays() const { return relays_; }

  // ---- for the coroutines ----
  bool calls_arrivals() const { return calls_arrivals_; }
  bool calls_all() const { return calls_all_; }
  // Whether all has become another process's, for who does not park.
  bool is_given_up() const { return verdict_ == Verdict::kHandedOver; }
  // Stands still until released. REQUIRES: it was called.
  ring::Task<absl::StatusOr<Verdict>> Park(ring::Io& io, Exchange* head);
  ring::Task<absl::StatusOr<Verdict>> Park(ring::Io& io, ParkedSource source);
  ring::Task<absl::StatusOr<Verdict>> Park(ring::Io& io, ParkedLoop loop);
  ring::Task<absl::StatusOr<Verdict>> Park(ring::Io& io, Relay* relay);
  ring::Task<absl::StatusOr<Verdict>> Park(ring::Io& io, const Push* push);
  // Whom CallArrivals interrupts.
  const void* arrivals() const { return &heads_; }
  // Who waits as `owner` while it hears a request or decides about it, and is to be interrupted by
  // CallArrivals. REQUIRES: the stage is kDeciding.
  void BeginDeciding(const void* owner) { deciders_.push_back(owner); }
  void EndDeciding(const void* owner);
  void Enter(Stage stage) { ++counts_[size_t(stage)]; }
  void Leave(Stage stage) { --counts_[size_t(stage)]; }
  // A source, a loop, a relay or a push that waits as `owner` and shall be interrupted by CallAll.
  void BeginWaiting(const void* owner) { owners_.push_back(owner); }
  void EndWaiting(const void* owner);
  void LoopBegan() { ++playing_; }
  void LoopEnded() { --playing_; }
  void RelayBegan() { ++relaying_; }
  void RelayEnded() { --relaying_; }
  void PushBegan() { ++pushing_; }
  void PushEnded() { --pushing_; }

  // How far loops of the process before got, by mount; each loop takes its own.
  std::map<std::string, LoopState> loops_before;

 private:
  uint32_t count(Stage stage) const { return counts_[size_t(stage)]; }
  template <typename Guest>
  ring::Task<absl::StatusOr<Verdict>> Stand(ring::Io& io, std::vector<Guest>* here, Guest guest);

  bool calls_arrivals_ = false;
  bool calls_all_ = false;
  Verdict verdict_ = Verdict::kGoOn;
  uint32_t counts_[3] = {};
  uint32_t playing_ = 0;
  uint32_t relaying_ = 0;
  uint32_t pushing_ = 0;
  std::vector<const void*> owners_;
  std::vector<const void*> deciders_;
  std::vector<Exchange*> heads_;
  std::vector<ParkedSource> sources_;
  std::vector<ParkedLoop> loops_;
  std::vector<Relay*> relays_;
  std::vector<const Push*> pushes_;
};

}  // namespace floe::session
