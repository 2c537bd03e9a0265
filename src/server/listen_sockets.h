// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"

namespace floe::server {

// ListenSockets is the sockets that newcomers arrive on: for each address one a shard, sharing the
// port (SO_REUSEPORT), so that the kernel spreads who comes over the shards.
//
// What is set here on a listening socket every accepted one inherits: no Nagle, the send buffer's
// bound, TCP_USER_TIMEOUT. It costs nothing per listener.
//
// Lifetime  of the process; closed by the destructor.
// Failure   Open names the address and what to do.
class ListenSockets {
 public:
  ListenSockets() = default;
  ~ListenSockets();
  ListenSockets(const ListenSockets&) = delete;
  ListenSockets& operator=(const ListenSockets&) = delete;

  // Errors: AlreadyExists when somebody listens there, PermissionDenied for a low port, or what
  // the kernel says otherwise.
  absl::Status Open(const config::Config& config, uint32_t shards);
  // Of one shard, one for each address.
  const std::vector<int>& OfShard(uint32_t shard) const { return fds_[shard]; }

 private:
  std::vector<std::vector<int>> fds_;
};

}  // namespace floe::server
