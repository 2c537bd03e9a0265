// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "events/event_log.h"
#include "mount/source_info.h"

namespace floe::mount {

class Mount;

// Tidings makes events of what happens to mounts. Of those that nobody asks for by name (files and
// silence that others fall back to) it says nothing.
//
// Lifetime  a value; the log outlives it. Without one nothing is said.
// Threads   Any. Never under a mount's lock, which the writer of the audio waits for.
class Tidings {
 public:
  Tidings() = default;
  explicit Tidings(events::EventLog* events) : events_(events) {}

  // A source has the mount, which knows of it already.
  void Came(const Mount& mount, const ClaimRules& rules) const;
  // It has it no more; `reason`: "left", "ended" (and nobody lingers), "replaced".
  void Left(const Mount& mount, const ClaimRules& rules, absl::Time connected,
            uint64_t received_bytes, absl::string_view reason) const;
  // Titles after that one hold since what was published last.
  void Titled(const Mount& mount, uint32_t newest_title_before) const;
  // Its listeners hear another mount, or its own source again, or nothing.
  void Plays(const Mount& mount, absl::string_view plays) const;

 private:
  bool IsToldOf(const Mount& mount) const;

  events::EventLog* events_ = nullptr;
};

}  // namespace floe::mount
