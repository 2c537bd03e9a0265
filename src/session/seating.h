// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "access/address_counts.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/slot.h"
#include "config/config.h"
#include "shard/shard.h"

namespace floe::session {

// Seating remembers what limits hold for listeners one by one: as whose they are counted, and until
// when they may stay. It knows only those for whom there is such a limit, so that without one a
// listener costs nothing here.
//
// Lifetime  of the process.
// Threads   What names a shard is that shard's; due is any thread's.
class Seating {
 public:
  explicit Seating(access::AddressCounts& counts) : counts_(counts), rooms_(kShardsMax) {}

  // How many of one address may listen to the mount, and for how long; what a configuration says.
  static access::AddressLimits LimitsOf(const config::Config& config, const std::string& mount);
  static milliseconds DurationOf(const config::Config& config, const std::string& mount);
  // Whether there is any such limit.
  static bool HasLimits(const config::Config& config);

  // A seat counted for who is not yet a listener: given back when it goes, unless Sit took it over.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(access::AddressCounts& counts, const access::House& house, absl::string_view mount)
        : counts_(&counts), house_(house), mount_(mount) {}
    Ticket(Ticket&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)),
          house_(other.house_),
          mount_(std::move(other.mount_)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (counts_ != nullptr) counts_->GiveBack(house_, mount_);
    }

   private:
    friend class Seating;
    access::AddressCounts* counts_ = nullptr;  // null: not counted
    access::House house_{};
    std::string mount_;
  };
  // Nothing: there are as many of that address as there may be.
  std::optional<Ticket> Take(const Address& address, const std::string& mount,
                             const access::AddressLimits& limits);
  // The newcomer has become a listener; 0 is no limit of time.
  void Sit(shard::Shard& shard, ListenerSlot slot, Ticket ticket, milliseconds duration);
  // Ends the listener at that time, if it is still there; the earliest of several times counts.
  void LimitListener(shard::Shard& shard, ListenerSlot slot, Instant until);
  // When LimitListener ends it; unset: never.
  std::optional<Instant> OwnLimitOf(const shard::Shard& shard, ListenerSlot slot) const;
  // It is no more.
  void Left(const shard::Shard& shard, ListenerSlot slot);
  // Counts all who are here as the configuration says by now; where there never was a limit and is
  // none, that is nobody. On the shard's thread.
  void Recount(shard::Shard& shard, const config::Config& config);

  // Whether somebody's time is over there.
  bool IsDue(const shard::Shard& shard, Instant now) const;
  // Ends those whose time is over. On the shard's thread.
  void EndOver(shard::Shard& shard);

 private:
  static constexpr Instant kNever = Instant::max();

  struct Seat {
    Ticket ticket;
    Instant until = kNever;      // as configured
    Instant own_until = kNever;  // as LimitListener said
  };
  struct Room {
    absl::flat_hash_map<ListenerSlot, Seat> seats;
    std::atomic<Instant> next{kNever};  // no later than the first time that is over
  };
  Room& RoomOf(const shard::Shard& shard) { return rooms_[shard.index()]; }
  static void Note(Room& room, Instant until);

  access::AddressCounts& counts_;
  std::vector<Room> rooms_;  // by shard
};

}  // namespace floe::session
