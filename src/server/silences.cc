// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/silences.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "audio/silence.h"
#include "audio/track.h"
#include "base/log.h"
#include "config/internal_mounts.h"
#include "config/mount_name.h"
#include "mount/registry.h"
#include "session/file_loop.h"
#include "shard/call.h"

namespace floe::server {
namespace {

void Begin(const std::string& name, const session::Services& services, session::Front& front,
           ring::Waker& waker) {
  const config::ConfigRef config = services.config.Get();
  absl::StatusOr<session::LoopFile> file = session::ReadLoopFile(name, {.path = name});
  if (!file.ok()) return;
  const absl::Status made =
      services.registry->FindOrCreate(name, config::InternalMount(*config)).status();
  if (!made.ok()) return log::Warn(made.message());
  shard::Shard& home = *services.shards[audio::HashOf(name) % services.shards.size()];
  shard::CallOne(home, waker, [&](shard::Shard& shard) {
    session::Loops& loops = front.LoopsOf(shard.index());
    loops.Put(*std::move(file));
    loops.Begin(shard, services);
  });
}

std::set<std::string> Wanted(const mount::Registry& registry) {
  std::set<std::string> wanted;
  for (const mount::MountRef& mount : registry.List()) {
    if (std::string name = mount->WantedSilence(); !name.empty()) wanted.insert(std::move(name));
  }
  return wanted;
}

}  // namespace

void KeepSilences(const session::Services& services, session::Front& front, ring::Waker& waker) {
  const std::set<std::string> wanted = Wanted(*services.registry);
  std::set<std::string> playing;
  const config::ConfigRef config = services.config.Get();
  for (const mount::MountRef& mount : services.registry->List()) {
    const bool is_ours = absl::StartsWith(mount->name(), audio::kSilencePrefix) &&
                         !config->mounts.contains(mount->name());
    if (is_ours && mount->phase() != mount::Phase::kEmpty) playing.insert(mount->name());
  }
  for (const std::string& name : playing) {
    if (wanted.contains(name)) continue;
    shard::CallEach(services.shards, waker,
                    [&](shard::Shard& shard) { front.LoopsOf(shard.index()).End(name); });
  }
  for (const std::string& name : wanted) {
    const bool is_there = playing.contains(name) || config->mounts.contains(name);
    if (!is_there && playing.size() < kSilencesMax) {
      Begin(name, services, front, waker);
      playing.insert(name);
    }
  }
}

}  // namespace floe::server
