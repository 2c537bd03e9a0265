// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "handover/standstill.h"
#include "handover/wire.h"
#include "ring/waker.h"
#include "session/services.h"
#include "shard/listener_numbers.h"
#include "tape/arena.h"

namespace floe::handover {

// The listening sockets of one address, in the order of their port's group.
struct ListenGroup {
  std::string address;
  std::vector<int> fds;
};

// Outcome is what a hand-over came to.
struct Outcome {
  int successor_pid = 0;
  microseconds gap{0};    // nothing was sent for so long
  microseconds total{0};  // from the first word to the last
  uint32_t listeners = 0;
  uint32_t sources = 0;
  uint32_t mounts = 0;
  bool is_running = false;  // false: the successor died after it had taken over
};

// Who is told how it goes.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Step(absl::string_view what) = 0;
};

// Predecessor is the part of the process that gives all away:
//
//   offer      the arena, the listening sockets, the control socket
//   passports  of listeners, with their sockets, while all goes on
//   standstill everything stops at an exact place
//   state      all of it, and the positions
//   commit     and from the successor's "started" on nothing here is this process's
//
// Up to that word all can be taken back: whatever fails, the shards go on as if nothing had been.
// A successor that says nothing after the commit is killed before that, so that it is certain
// that two processes never send to the same listener.
//
// Lifetime  of one hand-over.
// Threads   The main thread's; blocks for as long as it takes, a second or so.
class Predecessor {
 public:
  struct Server {
    session::Services& services;
    const shard::ListenerNumbers& numbers;
    tape::Arena& arena;
    ring::Waker& waker;
    std::vector<ListenGroup> listen;
    int control_fd = -1;
  };

  Predecessor(const Server& server, Wire wire, Progress& progress)
      : server_(server),
        wire_(std::move(wire)),
        progress_(progress),
        standstill_(server.services, server.waker) {}

  // Errors: the successor's reason, or what failed here; this process goes on.
  absl::StatusOr<Outcome> Run();
  // After Run went well: whether requests have been answered and the kernel reads no more of the
  // listeners' memory. The sockets that were given away are closed here without a word, but not
  // before as much time again has passed as all took: until then the successor has the cores for
  // itself. To be asked again and again.
  bool IsDone();
  // Closes them at once.
  void LetGo();

 private:
  struct SentListener {
    ListenerSlot slot;
    uint32_t generation;
  };
  struct SentBatch {
    size_t shard;
    std::vector<SentListener> listeners;
  };

  absl::Status Offer();
  absl::Status SendListenGroups(Instant by);
  // Passports of who has none yet; answers how many.
  absl::StatusOr<size_t> SendPassports();
  absl::StatusOr<size_t> SendPassportsOf(size_t shard);
  absl::Status SendState(Instant by);
  absl::Status SendMounts(Instant by);
  absl::Status SendViewsAndPositions(Instant by);
  absl::Status SendGuests(Instant by);
  absl::Status SendGuestsOf(shard::Shard& shard, Instant by);
  struct Guests;
  static Guests GuestsIn(const session::Parking& parking);
  absl::Status SendGuest(const Guests& guests, size_t i, std::span<const int> fd, Instant by);
  absl::Status Commit(Instant by);
  // And waits until it is dead. Answers whether it has said "started" in its last words.
  bool KillSuccessor();
  void TakeBack(const absl::Status& why);

  Server server_;
  Wire wire_;
  Progress& progress_;
  Standstill standstill_;
  std::vector<SentBatch> batches_;
  std::vector<std::vector<uint32_t>> sent_;  // by shard and slot: the generation that was sent
  struct Pinned {
    PageSlot page;
    uint64_t key;
  };
  uint32_t relays_ = 0;
  std::vector<Pinned> pinned_;  // pages that the kernel still reads
  milliseconds interval_{0};
  session::Totals totals_;
  bool has_let_go_ = false;
  Instant begun_;
  Instant frozen_;
  Outcome outcome_;
};

}  // namespace floe::handover
