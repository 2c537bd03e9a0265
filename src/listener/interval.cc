// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/interval.h"

#include <algorithm>

namespace floe::listener {
namespace {

// Long enough that the ticks in it average out, short enough that a rush of joins is met in time.
constexpr nanoseconds kIntervalWindow = 200ms;

// What one send can cost. Below, the clock was too coarse; above, other work was counted with it:
// a shard that is busy with sources shall not make its few listeners wait for that.
constexpr nanoseconds kSendCostMin{1'000};
constexpr nanoseconds kSendCostMax{40'000};

// Within this of the target nothing changes, so that noise does not move the interval.
constexpr double kTolerance = 0.10;
// Per window. Up is quick because an overloaded shard harms everybody; a measured share cannot
// exceed one core, so the way to the longest interval takes a few of these. Down is slow: what it
// gains is latency, which nobody misses for a second.
constexpr double kGrowthMax = 4.0;
constexpr double kDecayMax = 0.85;

}  // namespace

IntervalLaw::IntervalLaw(std::optional<milliseconds> fixed, milliseconds min, milliseconds max,
                         double share_target)
    : share_target_(share_target) {
  SetBounds(fixed, min, max);
  interval_ = min_;
}

void IntervalLaw::SetBounds(std::optional<milliseconds> fixed, milliseconds min, milliseconds max) {
  min_ = fixed.value_or(min);
  max_ = std::max(fixed.value_or(max), fixed.value_or(min));
  interval_ = std::clamp(interval_, min_, max_);
}

void IntervalLaw::Observe(nanoseconds busy, uint64_t sends, nanoseconds window) {
  busy_ += busy;
  sends_ += sends;
  window_ += window;
  if (window_ < kIntervalWindow) return;
  Adapt();
  busy_ = window_ = nanoseconds(0);
  sends_ = 0;
}

void IntervalLaw::Adapt() {
  const auto sends = int64_t(sends_);
  const nanoseconds cost = std::clamp(busy_, sends * kSendCostMin, sends * kSendCostMax);
  const double share = double(cost.count()) / double(window_.count());
  const double ratio = share / share_target_;
  if (ratio > 1 - kTolerance && ratio < 1 + kTolerance) return;
  interval_ = std::clamp(interval_ * std::clamp(ratio, kDecayMax, kGrowthMax), min_, max_);
}

}  // namespace floe::listener
