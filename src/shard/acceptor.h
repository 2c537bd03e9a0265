// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/limits.h"
#include "ring/direct_fd.h"
#include "ring/ring.h"

namespace floe::shard {

// Acceptor keeps kAcceptsInFlight accepts under way on each listening socket. Each has an address
// buffer of its own: a multishot accept would be one entry for all, but gives no peer address with
// direct descriptors.
//
// Lifetime  of its shard; Pause and reap before it goes, since the kernel writes its buffers.
// Threads   The shard's.
// Failure   An accept that failed (no descriptor, peer gone) is simply made again by Refill.
class Acceptor {
 public:
  static constexpr int kRemoved = -1;
  struct Arrival {
    ring::DirectFd socket;
    Address peer;
    int listening_fd = kRemoved;  // by which it came, if that is still open
  };

  Acceptor(ring::Ring& ring, const std::vector<int>& listening_fds);

  void Add(int listening_fd);
  // Ends the accepts there. The socket may be closed at once: what is under way keeps it open.
  void Remove(int listening_fd);

  // Makes the accepts that are not under way, but not more than there is `room` for who comes:
  // newcomers beyond that wait in the kernel's backlog. Of several sockets each has its turn.
  void Refill(uint32_t room);
  // Of a completed accept. Empty: nobody came.
  std::optional<Arrival> OnAccepted(uint32_t index, int32_t result);
  // Cancels what is under way; who was accepted meanwhile is still answered by OnAccepted. Refill
  // does nothing until Resume: newcomers wait in the kernel's backlog.
  void Pause();
  void Resume() { paused_ = false; }
  uint32_t in_flight() const { return in_flight_; }

 private:
  struct Waiting {
    int listening_fd = kRemoved;  // that: in nobody's use, once it is not in flight
    bool in_flight = false;
    socklen_t length = 0;
    sockaddr_storage from{};
  };
  ring::Ring& ring_;
  std::deque<Waiting> waiting_;  // never moves: the kernel holds pointers into it
  std::vector<uint32_t> idle_;   // the longest idle first
  std::vector<uint32_t> free_;   // of sockets that were removed
  uint32_t in_flight_ = 0;
  bool paused_ = false;
};

}  // namespace floe::shard
