// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "access/ban_file.h"
#include "config/config.h"
#include "ring/waker.h"
#include "server/listen_sockets.h"
#include "session/services.h"

namespace floe::server {

// Has the gate go by the configuration from now on. REQUIRES: the sockets are open.
void SetGate(const session::Services& services, const config::Config& config,
             const ListenSockets& sockets);

// Gatekeeping is the main thread's part in who may come: it reads the ban file when that changed,
// keeps the bans in their file, and ends listeners who were banned or whose time is over.
//
// Lifetime  of the process.
// Threads   The main thread's.
// Failure   What cannot be read or written is logged once, and tried again.
class Gatekeeping {
 public:
  // Before the shards run: what the process before has left.
  void Begin(const session::Services& services);
  // Again, when that one has stopped.
  void LoadBans(const session::Services& services);
  // Once a second, and at the end.
  void Keep(const session::Services& services, ring::Waker& waker);
  void SaveBans(const session::Services& services);

 private:
  void ReadBanFile(const session::Services& services);

  // Ends who is here and banned by now.
  void KickBanned(const session::Services& services, ring::Waker& waker) const;

  access::BanFileWatch watch_;
  access::CidrSet of_file_;  // as the gate has it
  uint64_t bans_seen_ = 0;
  bool has_told_ = false;  // that the bans cannot be saved
};

}  // namespace floe::server
