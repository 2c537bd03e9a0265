// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/reloading.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/address.h"
#include "config/internal_mounts.h"
#include "server/applied.h"
#include "server/gatekeeping.h"
#include "server/passwords.h"
#include "shard/call.h"

namespace floe::server {
namespace {

// How long an address that was removed stays open for who has come there already.
constexpr milliseconds kDrainMax{1'000};
constexpr milliseconds kDrainPoll{2};

}  // namespace

Reloading::Reloading(const Parts& parts)
    : services_(parts.services),
      registry_(*parts.services.registry),
      sockets_(parts.sockets),
      loops_(parts.loops),
      front_(parts.front),
      places_(parts.places),
      before_(parts.services.config.Get()) {}

absl::Status Reloading::Prepare(const config::Sources& sources) {
  if (absl::Status loaded = Load(sources); !loaded.ok()) return loaded;
  if (absl::Status usable = ListenSockets::Check(config_.fanout); !usable.ok()) return usable;
  absl::StatusOr<std::vector<LoopPlaces::Step>> steps = loops_.Compare(config_);
  if (!steps.ok()) return steps.status();
  loop_steps_ = *std::move(steps);
  for (const LoopPlaces::Step& step : loop_steps_) {
    if (!step.line.empty()) difference_.lines.push_back(step.line);
  }
  absl::StatusOr<std::map<std::string, session::Intro>> intros = session::Intros::Read(config_);
  if (!intros.ok()) return intros.status();
  intros_ = *std::move(intros);
  absl::Status opened = Open();
  if (!opened.ok()) Undo();
  return opened;
}

absl::Status Reloading::Load(const config::Sources& sources) {
  std::vector<std::string> warnings;
  absl::StatusOr<config::Config> loaded = config::Load(sources, &warnings);
  if (!loaded.ok()) return loaded.status();
  for (const std::string& warning : warnings) log::Warn(warning);
  config_ = *std::move(loaded);
  if (config_.server.state_dir.empty()) config_.server.state_dir = DefaultStateDir();
  config::AddFileMounts(&config_);
  const absl::StatusOr<Passwords> passwords =
      FillInPasswords(before_->server.state_dir, &config_.auth);
  if (!passwords.ok()) return passwords.status();
  difference_ = config::Compare(*before_, config_);
  if (passwords->are_new) {
    difference_.lines.push_back(absl::StrCat("passwords were made, and are in ", passwords->file));
  }
  config::KeepWhatNeedsSwap(*before_, &config_);
  DescribeRemoved();
  return absl::OkStatus();
}

absl::Status Reloading::Open() {
  if (absl::Status opened = sockets_.Open(config_, places_); !opened.ok()) return opened;
  if (absl::Status made = MakeMounts(); !made.ok()) return made;
  if (absl::Status opened = log::Reopen(LogOptionsOf(config_.log)); !opened.ok()) return opened;
  return absl::OkStatus();
}

void Reloading::Undo() {
  for (const std::string& address : difference_.listen_added) sockets_.Close(address);
  for (const std::string& mount : difference_.mounts_added) {
    registry_.Unconfigure(mount, before_->mount_defaults);
  }
}

absl::Status Reloading::MakeMounts() {
  for (const std::string& mount : difference_.mounts_added) {
    absl::Status made = registry_.Configure(mount, config_.mounts.at(mount)).status();
    if (!made.ok()) return made;
  }
  return absl::OkStatus();
}

void Reloading::DescribeRemoved() {
  for (const std::string& mount : difference_.mounts_removed) {
    const std::string removed = absl::StrCat("mount ", mount, ": removed");
    const auto line = std::find(difference_.lines.begin(), difference_.lines.end(), removed);
    if (line != difference_.lines.end()) *line += FateOf(mount);
  }
}

std::string Reloading::FateOf(const std::string& name) const {
  const mount::MountRef mount = registry_.Find(name);
  if (!mount) return "";
  const uint32_t listeners = mount->listeners.load(std::memory_order_relaxed);
  if (mount->HasCountedSource()) {
    return absl::StrCat("; its source and ", listeners, " listeners go on with mount_defaults");
  }
  if (mount->phase() == mount::Phase::kLive) {
    return absl::StrCat("; its file ends, and its ", listeners, " listeners are closed");
  }
  if (mount->phase() == mount::Phase::kLingering) {
    return absl::StrCat("; its ", listeners, " listeners are closed when linger is over");
  }
  return "";
}

void Reloading::Apply(ring::Waker& waker) {
  services_.config.Set(config::ConfigRef::Of(config_));
  services_.port = config::PortOf(config::ParseAddress(config_.listen.front().address).value());
  TellMounts();
  services_.intros->Set(std::move(intros_));
  sockets_.Configure(config_);
  SetGate(services_, config_, sockets_);
  TellShards(waker);
  TellLoops(waker);
  TellFeeds(&session::Front::RelaysOf, difference_.relays, config_.relays, waker);
  TellFeeds(&session::Front::PushesOf, difference_.pushes, config_.pushes, waker);
  TellMaster(waker);
  CloseRemoved(waker);
}

// Those that only a source named have the defaults, which may be others.
void Reloading::TellMounts() {
  registry_.SetSourcesMax(config_.limits.sources);
  for (const mount::MountRef& mount : registry_.List()) {
    const auto configured = config_.mounts.find(mount->name());
    if (configured != config_.mounts.end()) {
      registry_.Change(*mount, configured->second);
    } else if (config::IsInternalMount(mount->name())) {
      registry_.Unconfigure(mount->name(), config::InternalMount(config_));
    } else {
      registry_.Unconfigure(mount->name(), config_.mount_defaults);
    }
  }
}

void Reloading::TellShards(ring::Waker& waker) {
  shard::ShardOptions options;
  SetChangeable(config_, sockets_.IdleWindowBytes(), &options);
  shard::CallEach(services_.shards, waker, [&](shard::Shard& shard) {
    shard.Change(options);
    services_.seating->Recount(shard, config_);
    for (const std::string& address : difference_.listen_added) {
      for (const int fd : sockets_.OfShard(shard.index(), address)) shard.BeginAccepting(fd);
    }
  });
}

void Reloading::TellLoops(ring::Waker& waker) {
  for (LoopPlaces::Step& step : loop_steps_) {
    shard::CallOne(*services_.shards[step.shard], waker, [&](shard::Shard& shard) {
      session::Loops& loops = front_.LoopsOf(step.shard);
      if (step.is_end) return loops.End(step.mount);
      loops.Put(std::move(step.file));
      loops.Begin(shard, services_);
    });
  }
  loops_.Accept();
}

// Ends, changes and begins what shards do for mounts, each on the shard that does it.
template <typename Feeds, typename Settings>
void Reloading::TellFeeds(Feeds& (session::Front::*feeds_of)(uint32_t shard),
                          const config::Difference::OfNames& mounts,
                          const std::map<std::string, Settings>& settings, ring::Waker& waker) {
  const auto tell = [&](const std::string& mount, auto what) {
    shard::CallOne(*services_.shards[front_.ShardOf(mount)], waker,
                   [&](shard::Shard& shard) { what(shard, (front_.*feeds_of)(shard.index())); });
  };
  for (const std::string& mount : mounts.stopped) {
    tell(mount, [&](shard::Shard&, Feeds& feeds) { feeds.End(mount); });
  }
  for (const auto* named : {&mounts.changed, &mounts.started}) {
    for (const std::string& mount : *named) {
      tell(mount, [&](shard::Shard& shard, Feeds& feeds) {
        feeds.Put(mount, settings.at(mount));
        feeds.Begin(shard, services_);
      });
    }
  }
}

void Reloading::TellMaster(ring::Waker& waker) {
  if (!difference_.is_master_changed) return;
  shard::CallOne(*services_.shards.front(), waker,
                 [&](shard::Shard&) { front_.master().Change(config_.master); });
}

// Who has come to an address that is removed is served like anybody else.
void Reloading::CloseRemoved(ring::Waker& waker) {
  const std::vector<std::string>& removed = difference_.listen_removed;
  if (removed.empty()) return;
  for (const std::string& address : removed) sockets_.TurnAway(address);
  const auto is_waited_for = [&] {
    return std::any_of(removed.begin(), removed.end(),
                       [&](const std::string& address) { return sockets_.Waiting(address) > 0; });
  };
  const Instant by = Clock::now() + kDrainMax;
  while (is_waited_for() && Clock::now() < by) std::this_thread::sleep_for(kDrainPoll);
  shard::CallEach(services_.shards, waker, [&](shard::Shard& shard) {
    for (const std::string& address : removed) {
      for (const int fd : sockets_.OfShard(shard.index(), address)) shard.EndAccepting(fd);
    }
  });
  for (const std::string& address : removed) sockets_.Close(address);
}

}  // namespace floe::server
