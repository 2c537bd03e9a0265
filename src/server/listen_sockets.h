// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"
#include "server/placement.h"
#include "server/socket_activation.h"

namespace floe::server {

// ListenSockets is the sockets that newcomers arrive on: for each address one a shard, sharing the
// port (SO_REUSEPORT), so that the kernel spreads who comes over the shards.
//
// What is set here on a listening socket every accepted one inherits: no Nagle, the send buffer's
// bound, TCP_USER_TIMEOUT, the congestion control. It costs nothing per listener.
//
// Lifetime  of the process; closed by the destructor.
// Failure   Open names the address and what to do.
class ListenSockets {
 public:
  ListenSockets() = default;
  ~ListenSockets();
  ListenSockets(const ListenSockets&) = delete;
  ListenSockets& operator=(const ListenSockets&) = delete;

  // Goes on with sockets that were there before. REQUIRES: not yet opened.
  void Inherit(std::vector<InheritedListen> inherited) { inherited_ = std::move(inherited); }
  // Errors: AlreadyExists when somebody listens there, PermissionDenied for a low port, or what
  // the kernel says otherwise.
  absl::Status Open(const config::Config& config, const std::vector<Place>& places);
  // Of one shard, one for each address, or more that were inherited.
  const std::vector<int>& OfShard(uint32_t shard) const { return fds_[shard]; }
  // What TCP sends at once to a player that was idle for long (a fraction of a second): on a host
  // that is not tuned the window falls back to the initial one (RFC 6928, ten segments), and the
  // rest of a send waits for an acknowledgement. 0: no such bound here. REQUIRES: opened.
  uint32_t IdleWindowBytes() const;

 private:
  absl::Status OpenNew(const config::Listen& listen, const config::Config& config);
  InheritedListen* FindInherited(const std::string& address);  // null: none
  absl::Status Take(InheritedListen& inherited, const config::Config& config);

  std::vector<std::vector<int>> fds_;
  std::vector<InheritedListen> inherited_;
};

}  // namespace floe::server
