// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace floe::listener {

// What sends may cost of one core before the interval grows. A player holds seconds of burst, so
// latency is the cheapest thing there is to spend: beyond a few hundred listeners it is spent, and
// the core stays free for joins, sources and TLS. 5,000 listeners at one send a second of some
// 7 us each are 3.5 %: that is where the interval reaches its longest. Shards that share a core
// share the target as well.
inline constexpr double kFanOutShareTarget = 0.03;

// IntervalLaw says how much time lies between two sends to one listener.
//
// Below the target the interval is the shortest, above it grows until sends cost the target or it
// is the longest. Sends per second fall as the interval grows, so the interval that meets the
// target is interval * share / target. It is approached quickly when sends cost too much and
// slowly when they cost too little, and left alone near the target: it does not swing.
//
// Units     CPU time over wall time; sends.
// Threads   One: the shard that owns it.
// Failure   None. A nonsensical measurement is bounded by what a send can cost.
class IntervalLaw {
 public:
  // `fixed`: the interval is that and stays so. `share_target`: of a core, for this shard's sends.
  IntervalLaw(std::optional<milliseconds> fixed, milliseconds min, milliseconds max,
              double share_target = kFanOutShareTarget);

  // Other bounds from now on; what is learned of the load stays.
  void SetBounds(std::optional<milliseconds> fixed, milliseconds min, milliseconds max);

  // `busy` CPU time went into `sends` sends during `window`. Windows are added up until they are
  // long enough to tell.
  void Observe(nanoseconds busy, uint64_t sends, nanoseconds window);

  // Goes on from there instead of from the shortest.
  void Begin(milliseconds interval) { interval_ = std::clamp<Interval>(interval, min_, max_); }

  milliseconds interval() const { return std::chrono::round<milliseconds>(interval_); }

 private:
  void Adapt();

  using Interval = std::chrono::duration<double, std::milli>;
  double share_target_;
  Interval min_{0}, max_{0};
  Interval interval_{0};
  // Of the window under way.
  nanoseconds busy_{0};
  nanoseconds window_{0};
  uint64_t sends_ = 0;
};

}  // namespace floe::listener
