// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/lag_meter.h"

#include <algorithm>

namespace floe::upstream {

milliseconds LagMeter::Heard(microseconds played, Instant now) {
  if (!best_.has_value() || now - span_begin_ >= kBestKept) {
    best_before_ = best_;
    best_.reset();
    span_begin_ = now;
  }
  const nanoseconds behind_clock = now.time_since_epoch() - played;
  best_ = std::min(best_.value_or(behind_clock), behind_clock);
  const nanoseconds best = std::min(*best_, best_before_.value_or(*best_));
  return std::chrono::duration_cast<milliseconds>(behind_clock - best);
}

}  // namespace floe::upstream
