// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/clock.h"

namespace floe::upstream {

// For so long, at least, a stream's best is remembered. An encoder whose clock is slow by a
// thousandth adds half a second until then; a pause of the origin's own is shown until then.
inline constexpr milliseconds kBestKept{5 * 60'000};

// LagMeter measures how far what comes from an upstream is behind its origin. No server says so,
// but an origin plays in real time: audio that nothing holds up arrives at a constant distance from
// the clock. What it is later than it was at its best is lag.
//
// Units     of audio, microseconds since the stream's first.
// Lifetime  of one connection: the next has another distance. A new process measures anew.
// Threads   None of its own; told the time.
class LagMeter {
 public:
  // All audio up to `played` has come now. Answers the lag.
  milliseconds Heard(microseconds played, Instant now);

 private:
  // The best of two spans of time, this and the one before it: of at least kBestKept.
  std::optional<nanoseconds> best_, best_before_;
  Instant span_begin_{};
};

}  // namespace floe::upstream
