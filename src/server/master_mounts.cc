// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/master_mounts.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "session/master_relays.h"
#include "shard/call.h"

namespace floe::server {

bool MasterMounts::HasNews(const session::Services& services) const {
  uint64_t version = version_;
  return services.config.IsNewer(config_) || services.master_board->NewerThan(&version).has_value();
}

void MasterMounts::Keep(const session::Services& services, session::Front& front,
                        ring::Waker& waker) {
  std::optional<session::MasterBoard::Names> names = services.master_board->NewerThan(&version_);
  if (names.has_value()) names_ = *std::move(names);
  config_ = services.config.Get();
  std::map<std::string, config::Relay> wanted = session::RelaysOfMaster(*config_, names_);
  for (const auto& [mount, settings] : fetched_) {
    // One that [relay] names by now is the reload's.
    if (wanted.contains(mount) || config_->relays.contains(mount)) continue;
    log::Info(absl::StrCat("relay of ", mount, " ends: the master has it no more"));
    shard::CallOne(*services.shards[front.ShardOf(mount)], waker, [&](shard::Shard& shard) {
      front.RelaysOf(shard.index()).End(mount, /*lingers=*/true);
    });
  }
  for (const auto& [mount, settings] : wanted) {
    const auto before = fetched_.find(mount);
    if (before != fetched_.end() && before->second == settings) continue;
    shard::CallOne(*services.shards[front.ShardOf(mount)], waker, [&](shard::Shard& shard) {
      session::Relays& relays = front.RelaysOf(shard.index());
      relays.Put(mount, settings);
      relays.Begin(shard, services);
    });
  }
  fetched_ = std::move(wanted);
  services.master_board->SetFetched(uint32_t(fetched_.size()));
}

}  // namespace floe::server
