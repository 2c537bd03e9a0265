// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "events/event_log.h"
#include "upstream/health.h"

namespace floe::session {

// What is known of a relay, for status pages.
struct RelayStatus {
  struct Upstream {
    std::string url;  // fit to be shown
    upstream::HealthState health;

    bool operator==(const Upstream&) const = default;
  };

  std::string mount;
  bool is_on_demand = false;
  bool is_wanted = false;           // somebody listens, or it is always wanted
  bool is_displaced = false;        // a source has the mount
  bool is_hopeless = false;         // nobody should wait for it
  std::vector<Upstream> upstreams;  // in the order in which they are preferred
  std::optional<uint32_t> played, probed;
  Instant last_byte{};  // of the played one

  bool operator==(const RelayStatus&) const = default;
};

// RelayBoard is where each relay shows how it is, and where those who listen leave word that they
// want one that sleeps.
//
// Lifetime  of the process.
// Threads   Any; behind a mutex that requests and relays take, never the way of the audio.
class RelayBoard {
 public:
  // How upstreams are from now on is added there, which outlives the board; null: nowhere.
  explicit RelayBoard(events::EventLog* events = nullptr) : events_(events) {}

  // Whom to wake, and where, when a relay is wanted. `relay` is compared, never followed.
  struct Home {
    uint32_t shard = 0;
    const void* relay = nullptr;
  };

  // ---- for relays ----
  void Add(const std::string& mount, Home home);
  // Unless another relay of that mount has come meanwhile.
  void Remove(const std::string& mount, const void* relay);
  void Show(RelayStatus status);
  // When somebody last asked for it; and from which servers in a row, which goes into Floe-Hops.
  Instant AskedAt(const std::string& mount) const;
  std::string HopsOf(const std::string& mount) const;

  // ---- for requests ----
  // Leaves word that somebody wants to hear the mount. Nothing unless a relay is there that has to
  // be woken for it.
  std::optional<Home> Ask(absl::string_view mount, absl::string_view hops, Instant now);
  std::optional<RelayStatus> StatusOf(absl::string_view mount) const;
  bool HasAny() const { return count_.load(std::memory_order_relaxed) > 0; }
  // All, by mount.
  std::vector<RelayStatus> List() const;

 private:
  struct Entry {
    Home home;
    RelayStatus status;
    Instant asked_at{};
    std::string hops;
  };

  void Tell(const RelayStatus& before, const RelayStatus& now) const;

  events::EventLog* const events_;
  std::atomic<uint32_t> count_{0};  // most servers have none, and do not look further
  mutable Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::session
