// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"
#include "handover/predecessor.h"
#include "handover/successor.h"
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
// Threads   One at a time; shards accept on the descriptors meanwhile.
// Failure   Open names the address and what to do.
class ListenSockets {
 public:
  ListenSockets() = default;
  ~ListenSockets();
  ListenSockets(const ListenSockets&) = delete;
  ListenSockets& operator=(const ListenSockets&) = delete;

  // Opens what `config` names and is not open yet; on an error none of it. Who comes waits until
  // somebody accepts. Errors: AlreadyExists when somebody listens there, PermissionDenied for a low
  // port, or what the kernel says otherwise.
  absl::Status Open(const config::Config& config, const std::vector<Place>& places);
  // Goes on with the sockets of the process before. They keep their place in the port's group and
  // whoever waits in their backlog: one for each shard as far as they go; where they are more, some
  // shards have several. REQUIRES: not yet opened.
  void Inherit(std::vector<handover::Inheritance::ListenGroup> groups) {
    inherited_ = std::move(groups);
  }
  // All of them by address, to be handed over.
  std::vector<handover::ListenGroup> Groups() const;

  // Of one shard, of all addresses or of one. REQUIRES: it is open.
  std::vector<int> OfShard(uint32_t shard) const;
  std::vector<int> OfShard(uint32_t shard, const std::string& address) const;
  // All of one address, in the order of its port's group. REQUIRES: it is open.
  const std::vector<int>& Of(const std::string& address) const;
  // From now on who comes there is not heard, as if the line were slow; who has come can still be
  // accepted. REQUIRES: it is open.
  void TurnAway(const std::string& address);
  // How many have come there and are not accepted yet. REQUIRES: it is open.
  uint32_t Waiting(const std::string& address) const;
  // Shards need not have let go of it: the kernel keeps what they accept on until they do.
  void Close(const std::string& address);

  // Whether this host has what the configuration says of TCP. Error: InvalidArgument.
  static absl::Status Check(const config::Fanout& fanout);
  // What newcomers inherit from now on; on all that is open.
  void Configure(const config::Config& config);
  // What TCP sends at once to a player that was idle for long (a fraction of a second): on a host
  // that is not tuned the window falls back to the initial one (RFC 6928, ten segments), and the
  // rest of a send waits for an acknowledgement. 0: no such bound here. REQUIRES: opened.
  uint32_t IdleWindowBytes() const;

 private:
  struct Address {
    std::string text;
    std::vector<int> fds;  // in the order of the port's group; at least one for each shard
  };
  absl::Status OpenOne(const std::string& text, const config::Config& config,
                       const std::vector<Place>& places);
  std::vector<int> TakeInherited(const std::string& text);
  const Address* Find(const std::string& text) const;
  // Whether a socket of ours has the port, on whichever address.
  bool HasPort(uint16_t port) const;

  std::vector<handover::Inheritance::ListenGroup> inherited_;  // not yet opened
  std::vector<Address> addresses_;
  size_t shards_ = 1;
};

}  // namespace floe::server
