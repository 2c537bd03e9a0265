// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "sim/station.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace floe::sim {
namespace {

constexpr uint32_t kSourcesMax = 64;
// What is in flight ends within this when everybody leaves.
constexpr milliseconds kCloseTimeMax{5'000};

std::unique_ptr<tape::Arena> MakeArena(uint64_t bytes) {
  auto arena = tape::Arena::Create(bytes);
  FLOE_CHECK(arena.ok());
  return *std::move(arena);
}

}  // namespace

StationSim::StationSim(uint64_t seed, const StationOptions& options)
    : options_(options),
      dice_(seed),
      now_(Instant(1'000s)),
      arena_(MakeArena(options.arena_bytes)),
      registry_(std::make_unique<mount::Registry>(*arena_, kSourcesMax)),
      fan_out_(std::make_unique<listener::FanOut>(options.fan_out)),
      ring_(options.faults, seed + 1) {}

Broadcast& StationSim::Broadcasts(const std::string& name, const config::Mount& settings,
                                  const BroadcastOptions& options) {
  const uint64_t seed = dice_.Between(0, UINT32_MAX);
  auto& broadcast = broadcasts_[name];
  broadcast = std::make_unique<Broadcast>(*registry_, name, settings, options, seed);
  broadcast->Connect(now_);
  return *broadcast;
}

Player& StationSim::Listen(const std::string& name, const PlayerOptions& options) {
  Broadcast& broadcast = *broadcasts_.at(name);
  const FdSlot fd{uint32_t(players_.size())};
  players_.push_back(std::make_unique<Player>(broadcast, fd, options, now_));
  Player& player = *players_.back();
  player.slot = fan_out_->Join({.mount = broadcast.ref(),
                                .fd = fd,
                                .metaint_bytes = options.metaint_bytes,
                                .wants_burst = options.wants_burst},
                               now_);
  FLOE_CHECK(player.slot != kNoSlot<ListenerSlot>);
  FLOE_CHECK(!by_slot_.contains(Index(player.slot)));
  by_slot_[Index(player.slot)] = &player;
  return player;
}

void StationSim::Kick(Player& player) {
  if (!player.departure.has_value()) {
    fan_out_->Leave(player.slot, listener::Leaving::kKicked, now_);
  }
}

// Everything in flight ends: what the kernel still reads cannot be another's yet.
void StationSim::Freeze() {
  fan_out_->Freeze();
  const Instant by = now_ + kCloseTimeMax;
  do {
    const bool publishes = dice_.Chance(0.5);
    Step(publishes || !options_.sources_stand_still);
  } while (now_ < by && (!fan_out_->IsSettled() || ring_.in_flight() > 0));
  if (!fan_out_->IsSettled()) complaints_.push_back("a freeze that does not settle");
}

void StationSim::HandOver() {
  Freeze();
  if (dice_.Chance(0.2)) return fan_out_->Thaw();  // it was not to be
  listener::FanOutOptions options = options_.fan_out;
  options.seed = dice_.Between(0, 1'000);
  auto next = std::make_unique<listener::FanOut>(options);
  next->Freeze();
  next->BeginInterval(fan_out_->interval());
  std::map<uint32_t, MountSlot> views;
  fan_out_->TellMounts();
  fan_out_->ForEachView([&](MountSlot slot, const listener::View& view) {
    const auto share = [](const listener::View::Mounts& mounts) {
      return listener::View::Mounts{mounts.home.Share(), mounts.played.Share()};
    };
    listener::View::Mounts mounts{broadcasts_.at(view.home().name())->ref(),
                                  broadcasts_.at(view.mount().name())->ref()};
    listener::View::Mounts moved;
    if (view.next() != nullptr) moved = share(*view.next());
    views[Index(slot)] =
        next->RestoreView(std::move(mounts), view.state(now_), std::move(moved), now_);
  });
  std::map<uint32_t, Player*> moved;
  for (const auto& [slot, player] : by_slot_) {
    const listener::ListenerState state = fan_out_->StateOf(player->slot, now_);
    const MountSlot view = views.at(Index(fan_out_->at(player->slot).mount));
    const absl::StatusOr<ListenerSlot> restored = next->Restore(state, view, player->fd(), now_);
    FLOE_CHECK(restored.ok());
    if (!(next->StateOf(*restored, now_) == state)) {
      complaints_.push_back("a listener that is not what it was");
    }
    player->slot = *restored;
    moved[Index(*restored)] = player;
  }
  by_slot_ = std::move(moved);
  fan_out_->LetGo(now_);
  fan_out_->Consumed();
  counters_before_.short_sends += fan_out_->counters().short_sends;
  counters_before_.failed_sends += fan_out_->counters().failed_sends;
  counters_before_.turns_cut += fan_out_->counters().turns_cut;
  fan_out_ = std::move(next);
  fan_out_->Thaw();
}

void StationSim::Play(milliseconds time) {
  for (const Instant end = now_ + time; now_ < end;) Step(/*publishes=*/true);
}

void StationSim::PlayOut(milliseconds time) {
  for (const Instant end = now_ + time; now_ < end;) Step(/*publishes=*/false);
}

void StationSim::Close() {
  fan_out_->LeaveAll(listener::Leaving::kStopping, now_);
  const Instant by = now_ + kCloseTimeMax;
  do {
    Step(/*publishes=*/false);
  } while (now_ < by && (fan_out_->listeners() > 0 || ring_.in_flight() > 0));
  CheckClosed();
}

void StationSim::CheckClosed() {
  if (fan_out_->listeners() > 0 || fan_out_->in_flight() > 0 || ring_.in_flight() > 0) {
    complaints_.push_back("somebody is still there after the close");
  }
  if (fan_out_->mounts() > 0 || fan_out_->pages_held() > 0) {
    complaints_.push_back("mounts or pages are held for nobody");
  }
  for (const auto& [name, broadcast] : broadcasts_) {
    const uint32_t listeners = broadcast->mount().listeners.load();
    if (listeners > 0) complaints_.push_back(absl::StrCat(name, " counts ", listeners));
    uint64_t heard_bytes = 0;
    for (const auto& player : players_) {
      if (&player->broadcast() == broadcast.get()) heard_bytes += player->heard_bytes();
    }
    if (broadcast->mount().sent_bytes.load() != heard_bytes) {
      complaints_.push_back(absl::StrCat(name, " miscounts what it sent"));
    }
  }
}

void StationSim::Step(bool publishes) {
  now_ += options_.step;
  for (const auto& [name, broadcast] : broadcasts_) {
    publishes ? broadcast->Advance(now_) : broadcast->Pause(now_);
  }
  registry_->Collect(now_);
  for (const auto& player : players_) player->Advance(now_);
  ring_.Advance(now_, *fan_out_);
  Turn();
  CheckInvariants();
}

void StationSim::Turn() {
  fan_out_->Turn(now_);
  for (const listener::SendOrder& order : fan_out_->orders()) {
    Player& player = *by_slot_.at(Index(order.listener));
    FLOE_CHECK(player.fd() == order.fd);
    ring_.Submit(order, fan_out_->pieces(order), player, now_);
  }
  for (const listener::CancelOrder& cancel : fan_out_->cancels()) ring_.Cancel(cancel, now_);
  for (const listener::Departure& departure : fan_out_->departures()) {
    Player& player = *by_slot_.at(Index(departure.listener));
    FLOE_CHECK(player.fd() == departure.fd && player.slot == departure.listener);
    player.departure = departure;
    player.departed = now_;
    if (departure.sent_bytes != player.heard_bytes()) {
      complaints_.push_back(absl::StrCat("player ", Index(departure.fd), " was sent ",
                                         departure.sent_bytes, " bytes and got ",
                                         player.heard_bytes()));
    }
    by_slot_.erase(Index(departure.listener));
  }
  fan_out_->Consumed();
}

void StationSim::CheckInvariants() {
  FLOE_CHECK(fan_out_->listeners() == by_slot_.size());
  FLOE_CHECK(fan_out_->in_flight() == ring_.in_flight());
}

std::vector<std::string> StationSim::Complaints() const {
  std::vector<std::string> all = complaints_;
  for (const auto& player : players_) {
    for (const std::string& complaint : player->heard().complaints) {
      all.push_back(absl::StrCat("player ", Index(player->fd()), " of ",
                                 player->broadcast().mount().name(), " heard: ", complaint));
    }
  }
  return all;
}

}  // namespace floe::sim
