// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Relays: mounts that are fetched from other servers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config.h"
#include "ring/waker.h"
#include "session/exchange.h"
#include "session/relay.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// Relays is the mounts that one shard fetches, each by a coroutine of its own, and each of its
// connections by another. They end when the shard stops.
//
// Lifetime  outlives its shard.
// Threads   The shard's. Before the shard turns: who prepares it.
class Relays {
 public:
  // The mount is fetched from the next Begin on. One that is fetched already has other upstreams or
  // times from now on; a connection that is still wanted goes on.
  void Put(const std::string& mount, config::Relay settings);
  // The mount is fetched no more, soon. Its listeners linger as the mount says, or leave if the
  // mount is not configured any more and they are not to linger all the same.
  void End(absl::string_view mount, bool lingers = false);
  // What a relay of that mount did in the process before is gone on with here; if there is none
  // the mount is left. `socket` is there if a line is heard. After Begin, while all stands still.
  // Errors: nothing can be in that state, or there is no room.
  absl::Status GoOnFrom(RelayState state, std::unique_ptr<mount::Writer> writer,
                        std::optional<ring::DirectFd> socket);
  // Begins what was put and is not fetched yet.
  void Begin(shard::Shard& shard, const Services& services);

 private:
  struct Place {
    std::string mount;
    config::Relay settings;        // until it has begun
    std::unique_ptr<Relay> relay;  // once it has
    bool is_over = false;          // to end, soon
    bool lingers = false;          // whoever listens then, though nothing is configured
    bool has_ended = false;        // nobody refers to it any more
  };
  static ring::Task<> Run(Place& place);
  static ring::Task<absl::StatusOr<bool>> StandStill(Relay& relay);
  Place* Find(absl::string_view mount);

  dial::CallGate gate_;
  std::vector<std::unique_ptr<Place>> places_;
};

// Has a mount that is fetched on demand fetched, or the first of its fallbacks that is, for one who
// asks for it; and waits until something is to be heard, or it is clear that nothing will be, but
// no longer than kDemandTimeMax. Nothing to do for other mounts.
inline constexpr milliseconds kDemandTimeMax{10'000};
ring::Task<> AwaitRelay(Exchange& exchange, const std::string& mount);

// Wakes the relays on demand that nobody asks for by name: listeners of other mounts would hear
// them. Any thread that may wait for shards; call it every second or so.
void WakeSoughtRelays(const Services& services, ring::Waker& waker);

}  // namespace floe::session
