// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "events/event_log.h"
#include "mount/registry.h"

namespace floe::session {

// ListenerWatch makes events of how many listen: one for a mount where that is another number than
// it said last, and one where there were never so many.
//
// Lifetime  of the process.
// Threads   One; what it reads is atomic.
class ListenerWatch {
 public:
  static constexpr milliseconds kEvery{1'000};

  explicit ListenerWatch(events::EventLog& events) : events_(events) {}

  // The peaks that are, others have told of.
  void KnowPeaks(const mount::Registry& registry);
  // Nothing when it looked less than kEvery ago.
  void Look(const mount::Registry& registry, Instant now);

 private:
  struct Told {
    uint32_t listeners = 0;
    uint32_t peak = 0;
    uint64_t round = 0;  // in which it was there last
  };
  void Tell(events::Kind kind, const std::string& mount, const Told& told);

  events::EventLog& events_;
  Instant looked_{};
  uint64_t round_ = 0;
  std::map<std::string, Told> told_;
};

}  // namespace floe::session
