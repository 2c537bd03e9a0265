// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/seating.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/time/clock.h"
#include "mount/mount.h"

namespace floe::session {

access::AddressLimits Seating::LimitsOf(const config::Config& config, const std::string& mount) {
  return {.of_all = config.limits.listeners_per_address,
          .of_mount = config.MountSettings(mount).listeners_per_address};
}

milliseconds Seating::DurationOf(const config::Config& config, const std::string& mount) {
  const milliseconds own = config.MountSettings(mount).listener_duration;
  return own != 0ms ? own : config.limits.listener_duration;
}

bool Seating::HasLimits(const config::Config& config) {
  const auto limits = [](const config::Mount& mount) {
    return mount.listeners_per_address != 0 || mount.listener_duration != 0ms;
  };
  const config::Limits& of_all = config.limits;
  return of_all.listeners_per_address != 0 || of_all.listener_duration != 0ms ||
         limits(config.mount_defaults) ||
         absl::c_any_of(config.mounts, [&](const auto& named) { return limits(named.second); });
}

std::optional<Seating::Ticket> Seating::Take(const Address& address, const std::string& mount,
                                             const access::AddressLimits& limits) {
  if (!limits.any()) return std::optional<Ticket>(std::in_place);
  const access::House house = access::HouseOf(address);
  if (!counts_.Take(house, mount, limits)) return std::nullopt;
  return std::optional<Ticket>(std::in_place, counts_, house, mount);
}

void Seating::Note(Room& room, Instant until) {
  if (until < room.next.load(std::memory_order_relaxed)) {
    room.next.store(until, std::memory_order_relaxed);
  }
}

void Seating::Sit(shard::Shard& shard, ListenerSlot slot, Ticket ticket, milliseconds duration) {
  if (ticket.counts_ == nullptr && duration == 0ms) return;
  Room& room = RoomOf(shard);
  const Instant until = duration == 0ms ? kNever : shard.now() + duration;
  room.seats.erase(slot);  // of who had the slot before, if nobody said that it left
  room.seats.try_emplace(slot, Seat{std::move(ticket), until, kNever});
  Note(room, until);
}

void Seating::LimitListener(shard::Shard& shard, ListenerSlot slot, Instant until) {
  Room& room = RoomOf(shard);
  Seat& seat = room.seats.try_emplace(slot).first->second;
  seat.own_until = std::min(seat.own_until, until);
  Note(room, until);
}

std::optional<Instant> Seating::OwnLimitOf(const shard::Shard& shard, ListenerSlot slot) const {
  const Room& room = rooms_[shard.index()];
  const auto found = room.seats.find(slot);
  if (found == room.seats.end() || found->second.own_until == kNever) return std::nullopt;
  return found->second.own_until;
}

void Seating::Left(const shard::Shard& shard, ListenerSlot slot) {
  Room& room = RoomOf(shard);
  if (room.seats.empty()) return;
  room.seats.erase(slot);
}

void Seating::Recount(shard::Shard& shard, const config::Config& config) {
  Room& room = RoomOf(shard);
  if (room.seats.empty() && !HasLimits(config)) return;
  // What was counted before is given back at the end.
  const absl::flat_hash_map<ListenerSlot, Seat> before = std::exchange(room.seats, {});
  room.next.store(kNever, std::memory_order_relaxed);
  const int64_t now_s = absl::ToUnixSeconds(absl::Now());
  shard.fan_out().ForEach([&](ListenerSlot slot, const listener::Listener& listener) {
    const std::string mount(shard.fan_out().MountOf(slot).name());
    const shard::ListenerDetails::Entry& details = shard.details()[slot];
    const bool is_counted = LimitsOf(config, mount).any();
    const milliseconds duration = DurationOf(config, mount);
    const auto known = before.find(slot);
    const Instant own_until = known == before.end() ? kNever : known->second.own_until;
    if (!is_counted && duration == 0ms && own_until == kNever) return;
    const seconds here{now_s - details.connected_s};
    const Instant until = duration == 0ms ? kNever : shard.now() + duration - here;
    const access::House house = access::HouseOf(details.peer);
    if (is_counted) counts_.Add(house, mount);
    Ticket ticket = is_counted ? Ticket(counts_, house, mount) : Ticket();
    room.seats.try_emplace(slot, Seat{std::move(ticket), until, own_until});
    Note(room, std::min(until, own_until));
  });
}

bool Seating::IsDue(const shard::Shard& shard, Instant now) const {
  return rooms_[shard.index()].next.load(std::memory_order_relaxed) <= now;
}

void Seating::EndOver(shard::Shard& shard) {
  Room& room = RoomOf(shard);
  const Instant now = shard.now();
  room.next.store(kNever, std::memory_order_relaxed);
  for (const auto& [slot, seat] : room.seats) {
    const Instant until = std::min(seat.until, seat.own_until);
    if (until <= now) {
      shard.Kick(slot);
    } else {
      Note(room, until);
    }
  }
}

}  // namespace floe::session
