// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the successor makes of the predecessor's state.
#include "handover/successor_state.h"

#include <algorithm>
#include <atomic>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "audio/silence.h"
#include "base/log.h"
#include "config/internal_mounts.h"
#include "handover/access_codec.h"
#include "handover/events_codec.h"
#include "handover/figures.h"
#include "handover/listener_codec.h"
#include "handover/mount_codec.h"
#include "handover/narrow.h"
#include "handover/session_codec.h"
#include "hooks/hooks.h"
#include "mount/registry.h"
#include "session/feed.h"
#include "session/master_relays.h"
#include "session/parking.h"
#include "shard/call.h"

namespace floe::handover {
namespace {

constexpr milliseconds kStateTime{10'000};

absl::Status Torn(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the state of ", what, " is not whole"));
}

template <typename Message>
absl::Status Parse(const Envelope& envelope, absl::string_view what, std::vector<Message>* out) {
  return out->emplace_back().ParseFromString(envelope.bytes) ? absl::OkStatus() : Torn(what);
}

template <typename Message>
absl::Status ParseWithSocket(Envelope envelope, absl::string_view what,
                             std::vector<std::pair<Message, Envelope>>* out) {
  Message message;
  if (!message.ParseFromString(envelope.bytes) || envelope.fds.size() != 1) return Torn(what);
  out->emplace_back(std::move(message), std::move(envelope));
  return absl::OkStatus();
}

}  // namespace

absl::Status Successor::HearState(Envelope next) {
  const Instant by = Clock::now() + kStateTime;
  while (next.kind != Kind::kEnd) {
    if (absl::Status taken = TakeState(std::move(next)); !taken.ok()) return taken;
    absl::StatusOr<Envelope> received = wire_.Receive(by);
    if (!received.ok()) return received.status();
    next = *std::move(received);
  }
  if (!state_->end.ParseFromString(next.bytes)) return Torn("the end");
#ifdef FLOE_NEXT
  log::Info(absl::StrCat("the process before had novelty ", state_->end.novelty()));
#endif
  Narrow narrow;
  frozen_ = narrow.ToInstant("the time since when nothing was sent", state_->end.frozen_ns());
  if (!narrow.status().ok()) return narrow.status();
  mounts_ = uint32_t(state_->mounts.size());
  sources_ = uint32_t(state_->sources.size());
  const bool is_all = state_->end.mounts() == mounts_ && state_->end.sources() == sources_ &&
                      state_->end.relays() == state_->relays.size();
  return is_all ? absl::OkStatus() : Torn("mounts, sources and relays");
}

absl::Status Successor::TakeState(Envelope envelope) {
  switch (envelope.kind) {
    case Kind::kMount: return Parse(envelope, "a mount", &state_->mounts);
    case Kind::kView: return Parse(envelope, "a mount on a shard", &state_->views);
    case Kind::kLoop: return Parse(envelope, "a loop", &state_->loops);
    case Kind::kHead: return ParseWithSocket(std::move(envelope), "a request", &state_->heads);
    case Kind::kSource: return ParseWithSocket(std::move(envelope), "a source", &state_->sources);
    case Kind::kRelay: {
      Relay message;
      const bool is_whole = message.ParseFromString(envelope.bytes) &&
                            envelope.fds.size() == (message.has_heard() ? 1 : 0);
      if (!is_whole) return Torn("a relay");
      state_->relays.emplace_back(std::move(message), std::move(envelope));
      return absl::OkStatus();
    }
    case Kind::kPositions: {
      Positions positions;
      const bool is_whole =
          positions.ParseFromString(envelope.bytes) && positions.batch() < batches_.size() &&
          size_t(positions.listeners_size()) == batches_[positions.batch()].passports.size();
      if (!is_whole) return Torn("listeners");
      batches_[positions.batch()].positions.assign(positions.listeners().begin(),
                                                   positions.listeners().end());
      return absl::OkStatus();
    }
    case Kind::kEvents:
      return state_->events.ParseFromString(envelope.bytes) ? absl::OkStatus() : Torn("events");
    case Kind::kPassports: return TakePassports(std::move(envelope));
    case Kind::kRefusal: {
      Refusal refusal;
      (void)refusal.ParseFromString(envelope.bytes);
      return absl::FailedPreconditionError(
          absl::StrCat("the running floe goes on itself: ", refusal.reason()));
    }
    default: return absl::OkStatus();  // of a newer version's, and not needed
  }
}

absl::Status Successor::Restore() {
  if (absl::Status done = RestoreMounts(); !done.ok()) return done;
  if (absl::Status done = RestoreLoops(); !done.ok()) return done;
  if (absl::Status done = RestoreListeners(); !done.ok()) return done;
  if (absl::Status done = RestoreHeads(); !done.ok()) return done;
  if (absl::Status done = RestoreSources(); !done.ok()) return done;
  if (absl::Status done = RestoreRelays(); !done.ok()) return done;
  if (absl::Status done = HoldPinnedPages(); !done.ok()) return done;
  server_->services.before = {.joins = state_->end.joins(),
                              .sends = state_->end.sends(),
                              .sent_bytes = state_->end.sent_bytes()};
  absl::StatusOr<std::vector<access::LockoutState>> lockouts = LoadLockouts(state_->end);
  if (!lockouts.ok()) return lockouts.status();
  server_->services.desk->lockout.Restore(*lockouts);
  server_->services.events->Restore(LoadEvents(state_->events));
  LoadFigures(state_->end, *server_->services.instruments);
  server_->numbers.GoOnFrom(std::max<uint64_t>(1, state_->end.next_listener_id()));
  state_.reset();
  return absl::OkStatus();
}

absl::Status Successor::RestoreMounts() {
  mount::Registry& registry = *server_->services.registry;
  const config::ConfigRef held = server_->services.config.Get();
  const config::Config& config = *held;
  absl::flat_hash_set<uint32_t> tapes;  // two of one number would take each other's pages
  for (const Mount& message : state_->mounts) {
    if (!tapes.insert(message.tape().id()).second) return Torn("two mounts with one tape");
    absl::StatusOr<mount::MountState> state = LoadMount(message);
    if (!state.ok()) return state.status();
    const std::string name = state->name;
    const bool is_configured = config.mounts.contains(name);
    const bool is_internal = config::IsInternalMount(name) && !is_configured;
    absl::Status restored = registry.Restore(
        *std::move(state), is_internal ? config::InternalMount(config) : config.MountSettings(name),
        is_configured);
    if (!restored.ok()) return restored;
  }
  for (const auto& [name, settings] : config.mounts) {
    absl::Status made = registry.Configure(name, settings).status();
    if (!made.ok()) return made;
  }
  return absl::OkStatus();
}

// Silence that no configuration names is begun here as it was there.
void Successor::BeginSilence(const std::string& mount) {
  const session::Services& services = server_->services;
  const bool is_silence = audio::SilenceKind::Parse(mount).has_value() &&
                          !services.config.Get()->mounts.contains(mount);
  if (!is_silence) return;
  absl::StatusOr<session::LoopFile> file = session::ReadLoopFile(mount, {.path = mount});
  if (!file.ok()) return;
  shard::Shard& first = *services.shards.front();
  shard::CallOne(first, server_->waker, [&](shard::Shard& shard) {
    session::Loops& loops = server_->front.LoopsOf(shard.index());
    loops.Put(*std::move(file));
    loops.Begin(shard, services);
  });
}

// Each loop of this process takes its own when it goes on. Who has none here any more leaves.
absl::Status Successor::RestoreLoops() {
  const session::Services& services = server_->services;
  for (const Loop& message : state_->loops) {
    absl::StatusOr<session::LoopState> state = LoadLoop(message);
    if (!state.ok()) return state.status();
    const std::string mount = state->mount;
    const uint64_t pen = state->pen;
    std::atomic<bool> goes_on = false;
    BeginSilence(mount);
    shard::CallEach(services.shards, server_->waker, [&](shard::Shard& shard) {
      if (!server_->front.LoopsOf(shard.index()).Has(mount)) return;
      services.ParkingOf(shard).loops_before[mount] = *state;
      goes_on = true;
    });
    if (goes_on) continue;
    absl::StatusOr<std::unique_ptr<mount::Writer>> writer = services.registry->Resume(mount, pen);
    if (!writer.ok()) return writer.status();
    (*writer)->Leave(Clock::now());
  }
  return absl::OkStatus();
}

absl::Status Successor::RestoreListeners() {
  std::vector<absl::Status> results(server_->services.shards.size());
  shard::CallEach(server_->services.shards, server_->waker, [&](shard::Shard& shard) {
    results[shard.index()] = RestoreListenersOf(shard, Clock::now());
  });
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  for (const Batch& batch : batches_) {
    listeners_ += uint32_t(std::count_if(batch.positions.begin(), batch.positions.end(),
                                         [](const Position& p) { return !p.is_gone(); }));
  }
  return listeners_ == state_->end.listeners() ? absl::OkStatus() : Torn("all listeners");
}

absl::StatusOr<MountSlot> Successor::RestoreView(shard::Shard& shard, const View& message,
                                                 Instant now) {
  const mount::Registry& registry = *server_->services.registry;
  const absl::StatusOr<listener::ViewState> state = LoadView(message);
  if (!state.ok()) return state.status();
  listener::View::Mounts mounts;
  mounts.played = registry.Find(message.mount());
  mounts.home = registry.Find(message.home().empty() ? message.mount() : message.home());
  if (!mounts.played || !mounts.home) return Torn("a listener's mount");
  listener::View::Mounts next;
  if (state->ending == listener::Leaving::kMoved) {
    next.home = registry.Find(message.next_home());
    next.played = registry.Find(message.next_played());
    if (!next.home || !next.played) return Torn("the mount that a listener goes to");
  }
  return shard.fan_out().RestoreView(std::move(mounts), *state, std::move(next), now);
}

absl::Status Successor::RestoreListenersOf(shard::Shard& shard, Instant now) {
  listener::FanOut& fan_out = shard.fan_out();
  fan_out.BeginInterval(milliseconds(state_->end.interval_ms()));
  absl::flat_hash_map<uint64_t, const View*> messages;
  for (const View& view : state_->views) messages[view.id()] = &view;
  absl::flat_hash_map<uint64_t, MountSlot> views;
  for (const Batch& batch : batches_) {
    if (batch.shard != shard.index()) continue;
    if (batch.positions.size() != batch.passports.size()) return Torn("all listeners");
    for (uint32_t i = 0; i < batch.positions.size(); ++i) {
      const auto fd = FdSlot(Index(batch.first) + i);
      const Position& position = batch.positions[i];
      if (position.is_gone()) {
        shard.ring().QueueClose(fd);
        continue;
      }
      const auto [view, is_new] = views.try_emplace(position.view(), kNoSlot<MountSlot>);
      if (is_new) {
        const auto message = messages.find(position.view());
        if (message == messages.end()) return Torn("a listener's mount");
        absl::StatusOr<MountSlot> restored = RestoreView(shard, *message->second, now);
        if (!restored.ok()) return restored.status();
        view->second = *restored;
      }
      const Passport& passport = batch.passports[i];
      shard::Guest guest;
      guest.peer = LoadPeer(passport.peer());
      guest.user = passport.user();
      guest.agent = passport.agent();
      guest.referer = passport.referer();
      guest.request = passport.request();
      guest.status = int(passport.status());
      const absl::StatusOr<ListenerSlot> restored =
          shard.Restore(LoadPosition(position), view->second, fd, passport.id(), guest,
                        absl::FromUnixSeconds(passport.connected_unix_s()));
      if (!restored.ok()) return restored.status();
      if (passport.has_until_ns()) {
        const Instant until{nanoseconds(passport.until_ns())};
        server_->services.seating->LimitListener(shard, *restored, until);
      }
      if (passport.has_hook()) {
        server_->services.hooks->ListenersOf(shard.index())
            .Put(passport.id(), LoadHooked(passport.hook()));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ring::DirectFd> Successor::AdoptOne(shard::Shard& shard, Envelope& envelope) {
  const int fd = envelope.fds[0].get();
  const absl::StatusOr<FdSlot> slot = shard.ring().AdoptSockets(std::span(&fd, 1));
  if (!slot.ok()) return slot.status();
  return ring::DirectFd(shard.ring(), *slot);
}

absl::Status Successor::RestoreHeads() {
  absl::Status result;
  const std::vector<shard::Shard*>& shards = server_->services.shards;
  for (size_t i = 0; i < state_->heads.size() && result.ok(); ++i) {
    auto& [message, envelope] = state_->heads[i];
    absl::StatusOr<session::HeadState> state = LoadHead(message);
    if (!state.ok()) return state.status();
    shard::CallOne(*shards[i % shards.size()], server_->waker, [&](shard::Shard& shard) {
      absl::StatusOr<ring::DirectFd> socket = AdoptOne(shard, envelope);
      result = socket.status();
      if (!socket.ok()) return;
      const bool is_begun =
          shard.Spawn(server_->front.WelcomeAgain(shard, *std::move(socket), *std::move(state)));
      if (!is_begun) result = absl::ResourceExhaustedError("no room for a request under way");
    });
  }
  return result;
}

absl::Status Successor::RestoreSources() {
  absl::Status result;
  const std::vector<shard::Shard*>& shards = server_->services.shards;
  for (size_t i = 0; i < state_->sources.size() && result.ok(); ++i) {
    auto& [message, envelope] = state_->sources[i];
    absl::StatusOr<session::SourceState> state = LoadSource(message);
    if (!state.ok()) return state.status();
    absl::StatusOr<std::unique_ptr<mount::Writer>> writer =
        server_->services.registry->Resume(state->mount, state->pen);
    if (!writer.ok()) return writer.status();
    if (absl::Status restored = (*writer)->Restore(state->writer); !restored.ok()) return restored;
    absl::StatusOr<std::unique_ptr<session::Feed>> feed =
        session::Feed::Restore(**writer, std::move(state->feed));
    if (!feed.ok()) return feed.status();
    shard::CallOne(*shards[i % shards.size()], server_->waker, [&](shard::Shard& shard) {
      absl::StatusOr<ring::DirectFd> socket = AdoptOne(shard, envelope);
      result = socket.status();
      if (!socket.ok()) return;
      const bool is_begun = shard.Spawn(server_->front.FeedAgain(
          shard, *std::move(socket), *std::move(state), *std::move(writer), *std::move(feed)));
      if (!is_begun) result = absl::ResourceExhaustedError("no room for a source");
    });
  }
  return result;
}

// The list of the master's mounts is its relays: each that is of it is begun here as it was there,
// and ends only when a list without it has come.
bool Successor::IsOfMaster(const session::RelayState& state) const {
  const config::ConfigRef config = server_->services.config.Get();
  if (!session::IsOfMaster(*config, state.mount) || state.urls.size() != 1) return false;
  return state.urls[0] == session::RelayOfMaster(config->master, state.mount).upstreams[0].url;
}

// Who has no relay of that mount here any more leaves the mount.
absl::Status Successor::RestoreRelays() {
  const session::Services& services = server_->services;
  std::vector<std::string> listed;  // by the master
  for (auto& [message, envelope] : state_->relays) {
    absl::StatusOr<session::RelayState> state = LoadRelay(message);
    if (!state.ok()) return state.status();
    std::unique_ptr<mount::Writer> writer;
    if (state->pen != 0) {
      absl::StatusOr<std::unique_ptr<mount::Writer>> resumed =
          services.registry->Resume(state->mount, state->pen);
      if (!resumed.ok()) return resumed.status();
      writer = *std::move(resumed);
      if (absl::Status restored = writer->Restore(state->writer); !restored.ok()) return restored;
    }
    const bool is_of_master = IsOfMaster(*state);
    if (is_of_master) listed.push_back(state->mount);
    absl::Status result;
    shard::Shard& home = *services.shards[server_->front.ShardOf(state->mount)];
    shard::CallOne(home, server_->waker, [&](shard::Shard& shard) {
      std::optional<ring::DirectFd> socket;
      if (state->heard.has_value()) {
        absl::StatusOr<ring::DirectFd> adopted = AdoptOne(shard, envelope);
        result = adopted.status();
        if (!adopted.ok()) return;
        socket.emplace(*std::move(adopted));
      }
      session::Relays& relays = server_->front.RelaysOf(shard.index());
      if (is_of_master) {
        const config::ConfigRef config = services.config.Get();
        relays.Put(state->mount, session::RelayOfMaster(config->master, state->mount));
        relays.Begin(shard, services);
      }
      result = relays.GoOnFrom(*std::move(state), std::move(writer), std::move(socket));
    });
    if (!result.ok()) return result;
  }
  absl::Status known;
  shard::CallOne(*services.shards.front(), server_->waker,
                 [&](shard::Shard&) { known = server_->front.master().Restore(listed); });
  return known;
}

absl::Status Successor::HoldPinnedPages() {
  tape::Arena& arena = server_->arena;
  for (const PinnedPage& pinned : state_->end.pinned_pages()) {
    const auto page = PageSlot(pinned.page());
    if (!arena.Knows(page)) return Torn("the arena");
    // A tape has it still, or nobody does.
    if (arena.TryRef(page, pinned.key()) || arena.TakeBack(page, pinned.key())) {
      pinned_pages_.emplace_back(arena, page);
    } else {
      return Torn("the arena");
    }
  }
  return absl::OkStatus();
}

}  // namespace floe::handover
