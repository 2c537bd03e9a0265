// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/config_ref.h"
#include "config/difference.h"
#include "config/load.h"
#include "mount/registry.h"
#include "ring/waker.h"
#include "server/listen_sockets.h"
#include "server/loop_places.h"
#include "server/placement.h"
#include "session/services.h"
#include "session/welcome.h"

namespace floe::server {

// Reloading is one reload, in two steps. Prepare does all that can fail, and undoes it when
// something does. Apply cannot fail:
//
//   Prepare   load, compare, read files, open sockets, make mounts, open logs
//   Apply     the configuration holds; mounts, sockets, shards, files are told; what was removed
//             is closed
//
// Lifetime  of one call of Process::Reload.
// Threads   One at a time; none of a shard.
class Reloading {
 public:
  // All outlive it.
  struct Parts {
    session::Services& services;
    ListenSockets& sockets;
    LoopPlaces& loops;
    session::Front& front;
    const std::vector<Place>& places;
  };

  explicit Reloading(const Parts& parts);

  // Errors: what is wrong with the configuration, a line each, or what the host refuses.
  absl::Status Prepare(const config::Sources& sources);
  // The list of changes. After Prepare.
  const std::vector<std::string>& lines() const { return difference_.lines; }
  // REQUIRES: prepared, and the shards turn.
  void Apply(ring::Waker& waker);

 private:
  absl::Status Load(const config::Sources& sources);
  // What has to be undone when it, or what follows, fails.
  absl::Status Open();
  void Undo();
  absl::Status MakeMounts();
  void DescribeRemoved();
  std::string FateOf(const std::string& mount) const;
  void TellMounts();
  void TellShards(ring::Waker& waker);
  void TellLoops(ring::Waker& waker);
  template <typename Feeds, typename Settings>
  void TellFeeds(Feeds& (session::Front::*feeds_of)(uint32_t shard),
                 const config::Difference::OfNames& mounts,
                 const std::map<std::string, Settings>& settings, ring::Waker& waker);
  void TellMaster(ring::Waker& waker);
  void CloseRemoved(ring::Waker& waker);

  session::Services& services_;
  mount::Registry& registry_;
  ListenSockets& sockets_;
  LoopPlaces& loops_;
  session::Front& front_;
  const std::vector<Place>& places_;
  const config::ConfigRef before_;
  config::Config config_;  // becomes the one that holds
  config::Difference difference_;
  std::vector<LoopPlaces::Step> loop_steps_;
  std::map<std::string, session::Intro> intros_;
};

}  // namespace floe::server
