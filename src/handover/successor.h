// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "handover/standstill.h"
#include "handover/wire.h"
#include "ring/waker.h"
#include "session/services.h"
#include "session/welcome.h"
#include "tape/arena.h"

namespace floe::handover {

class End;
class Passport;
class Position;
class View;

// What the predecessor offers before anything moves: the process is built around it.
struct Inheritance {
  UniqueFd arena;
  UniqueFd control;  // none: it has no control socket
  struct ListenGroup {
    std::string address;
    std::vector<UniqueFd> fds;
  };
  std::vector<ListenGroup> listen;
  absl::Time started;     // when the first of all these processes began to serve
  uint64_t instance = 0;  // their common id; 0: it knows of none
};

// Successor is the part of the process that takes everything over; see Predecessor for the order.
//
//   Meet       what is offered          ... the process opens its shards, paused
//   TakeOver   all of it is made here   ... answers when the predecessor has committed
//   GoOn       everything moves again
//
// Until TakeOver answers nothing was sent to anybody: a process that ends before has changed
// nothing. When the predecessor dies after it has sent all, standing still, TakeOver answers as
// well: who is left goes on.
//
// Lifetime  of the process that takes over.
// Threads   The main thread's; blocks.
class Successor {
 public:
  struct Server {
    session::Services& services;
    session::Front& front;
    shard::ListenerNumbers& numbers;
    tape::Arena& arena;
    ring::Waker& waker;
  };

  // Connects to the control socket of the running process, and hears its offer.
  // Errors: nobody is there; it refuses, and why.
  static absl::StatusOr<std::unique_ptr<Successor>> Meet(const std::string& control_path);
  ~Successor();

  // Moved out of here by who builds the process.
  Inheritance& inheritance() { return inheritance_; }

  // REQUIRES: the shards run, begun paused, and the registry is empty.
  // Errors: what could not be made or was taken back; the process is to end.
  absl::Status TakeOver(const Server& server);
  void GoOn();
  // Tells the predecessor why there is no taking over.
  void Refuse(const absl::Status& why);

 private:
  // The sockets of one Passports message, in a shard of this process.
  struct Batch {
    size_t shard;
    FdSlot first;
    std::vector<Passport> passports;
    std::vector<Position> positions;
  };
  struct State;

  explicit Successor(Wire wire);
  absl::Status HearOffer(Instant by);
  absl::StatusOr<Envelope> HearPassports();
  absl::Status TakePassports(Envelope envelope);
  absl::Status HearState(Envelope first);
  absl::Status TakeState(Envelope envelope);
  absl::Status Restore();
  absl::Status RestoreMounts();
  absl::Status RestoreLoops();
  void BeginSilence(const std::string& mount);
  absl::Status RestoreListeners();
  absl::StatusOr<MountSlot> RestoreView(shard::Shard& shard, const View& message, Instant now);
  absl::Status RestoreListenersOf(shard::Shard& shard, Instant now);
  absl::Status RestoreHeads();
  absl::Status RestoreSources();
  bool IsOfMaster(const session::RelayState& state) const;
  absl::Status RestoreRelays();
  absl::StatusOr<ring::DirectFd> AdoptOne(shard::Shard& shard, Envelope& envelope);
  absl::Status HoldPinnedPages();
  absl::Status AwaitCommit();

  Wire wire_;
  Inheritance inheritance_;
  const Server* server_ = nullptr;
  std::unique_ptr<State> state_;  // as it came; gone when all is made
  std::vector<Batch> batches_;
  uint32_t listeners_ = 0;
  uint32_t sources_ = 0;
  uint32_t mounts_ = 0;
  Instant frozen_{};
  std::vector<tape::PageRef> pinned_pages_;
  std::thread witness_;  // waits until the predecessor has finished, and lets go of those pages
};

}  // namespace floe::handover
