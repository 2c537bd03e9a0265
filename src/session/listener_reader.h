// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners one by one, for who asks over the network: read in slices, each on its shard's thread
// between two turns, so that neither those who listen nor those who ask about them wait long, and
// never more of them are in memory than are asked for at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/cidr.h"
#include "ring/task.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// Records that are looked at in one slice.
inline constexpr size_t kListenersPerSlice = 1024;

// What is copied of a listener.
struct SeenListener {
  uint64_t id = 0;
  std::string mount;  // it asked for this one
  std::string plays;  // and hears this one
  Address peer;
  std::string user, agent, referer;
  int64_t connected_s = 0;  // wall clock, since 1970
  uint64_t sent_bytes = 0;
};

// All that is said must hold.
struct ListenerFilter {
  std::string mount;            // empty: of all mounts
  std::string agent;            // its User-Agent has this in it
  std::optional<Cidr> network;  // its address is of it
};

// How far a reader is: shard by shard, slot by slot. A listener that stays is met once.
struct ListenerPlace {
  uint32_t shard = 0;
  uint32_t slot = 0;

  bool IsEnd(const Services& services) const { return shard >= services.shards.size(); }
};

// Appends those that come next, from `place` on, until `seen` has `listeners_max` of them or there
// are no more. Runs on `home`. Errors: Unavailable, the shards are about to end.
ring::Task<absl::Status> ReadListeners(const Services& services, shard::Shard& home,
                                       ListenerFilter filter, size_t listeners_max,
                                       ListenerPlace* place, std::vector<SeenListener>* seen);

// Ends the listener of that number; of a `mount`, when one is named. Errors: NotFound; Unavailable,
// as above.
ring::Task<absl::Status> KickListener(const Services& services, shard::Shard& home, uint64_t id,
                                      std::string mount);

}  // namespace floe::session
