// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace floe::session {

// What is known of the master, for status pages.
struct MasterStatus {
  enum class Phase : uint8_t {
    kAsking,  // nothing is known yet
    kUp,      // the last answer was a list
    kDown,    // there was none: it is asked again, and what was known holds
  };

  std::string url;  // fit to be shown; empty: there is no master
  Phase phase = Phase::kAsking;
  Instant since{};           // of the phase
  bool is_followed = false;  // it tells of changes itself
  uint32_t failures = 0;     // in a row
  uint64_t attempts = 0;
  std::string error;    // of the last failure, which may be long over; empty: there was none
  uint32_t listed = 0;  // mounts it has

  bool operator==(const MasterStatus&) const = default;
};
// "asking", "up", "down".
absl::string_view NameOf(MasterStatus::Phase phase);

// MasterBoard is where the list of the master's mounts waits for the main thread, which has them
// fetched (server/master_mounts.h), and where the master is shown.
//
// Lifetime  of the process.
// Threads   Any; behind a mutex, never on the way of the audio.
class MasterBoard {
 public:
  using Names = std::vector<std::string>;

  // ---- for who asks the master ----
  void Show(MasterStatus status);
  void Publish(Names names);

  // ---- for the main thread ----
  // The list, unless it is the one that `*version` is of, which becomes that of the answer. There
  // is none before the first was published.
  std::optional<Names> NewerThan(uint64_t* version) const;
  // How many of the listed are fetched because of it.
  void SetFetched(uint32_t fetched);

  // ---- for status pages ----
  // Unset: there is no master.
  std::optional<MasterStatus> Status() const;
  uint32_t Fetched() const;

 private:
  mutable Mutex mutex_;
  MasterStatus status_ ABSL_GUARDED_BY(mutex_);
  Names names_ ABSL_GUARDED_BY(mutex_);
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t fetched_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace floe::session
