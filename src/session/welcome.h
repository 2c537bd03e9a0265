// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "session/file_loop.h"
#include "session/hand_over_state.h"
#include "session/master_feed.h"
#include "session/push_feed.h"
#include "session/relay_feed.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// Welcome is where every socket begins: it hears the head, finds out what is asked, and hands the
// exchange to who answers that. Its frame is gone when a listener has its seat.
//
// Lifetime  of the process; so is what `services` points to.
// Threads   Each coroutine is its shard's.
class Front : public shard::Reception {
 public:
  Front(const Services& services, uint32_t shards)
      : services_(services), loops_(shards), relays_(shards), pushes_(shards), master_(services) {}
  void Begin(shard::Shard& shard) override;
  ring::Task<> Welcome(shard::Shard& shard, ring::DirectFd socket, Address peer) override;
  ring::Task<> WelcomeBy(shard::Shard& shard, ring::DirectFd socket, Address peer,
                         int listening_fd) override;
  void Departed(shard::Shard& shard, const listener::Departure& departure) override;
  // The files that play on a shard.
  Loops& LoopsOf(uint32_t shard) { return loops_[shard]; }
  // The mounts that a shard fetches from elsewhere, and those that it sends elsewhere.
  Relays& RelaysOf(uint32_t shard) { return relays_[shard]; }
  Pushes& PushesOf(uint32_t shard) { return pushes_[shard]; }
  // The shard that does either for a mount: it goes by the name.
  uint32_t ShardOf(absl::string_view mount) const {
    return uint32_t(absl::HashOf(mount) % relays_.size());
  }
  // The first shard asks the master for its mounts.
  MasterFeed& master() { return master_; }

  // Those who go on here and began in the process before.
  ring::Task<> WelcomeAgain(shard::Shard& shard, ring::DirectFd socket, HeadState state);
  ring::Task<> FeedAgain(shard::Shard& shard, ring::DirectFd socket, SourceState state,
                         std::unique_ptr<mount::Writer> writer, std::unique_ptr<Feed> feed);

 private:
  const Services& services_;
  std::vector<Loops> loops_;    // by shard
  std::vector<Relays> relays_;  // by shard
  std::vector<Pushes> pushes_;  // by shard
  MasterFeed master_;
};

}  // namespace floe::session
