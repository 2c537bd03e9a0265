// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace floe::shard {

// Lateness says whether a shard has too much to do to take anybody more: whether those who listen
// have been served later than the bound for a while. It ends when they have been in good time,
// well under the bound, for longer, so that who was refused does not come back too soon.
//
// Units     lag: by how much the longest overdue listener was overdue.
// Threads   One: the shard that owns it.
class Lateness {
 public:
  // One long turn is a hiccup, however long; a lag that stays for so long is too much work.
  static constexpr milliseconds kPatience{100};
  static constexpr milliseconds kRecovery{1'000};

  explicit Lateness(milliseconds lag_max) : lag_max_(lag_max) {}

  void SetLagMax(milliseconds lag_max) { lag_max_ = lag_max; }

  // What a turn found. Answers whether the verdict is another one now.
  bool Observe(milliseconds lag, Instant now) {
    peak_ = std::max(peak_, lag);
    if (lag <= lag_max_) {
      over_since_.reset();
    } else if (!over_since_.has_value()) {
      over_since_ = now;
    }
    if (lag > lag_max_ / 2) strained_at_ = now;
    const bool was_late = is_late_;
    is_late_ = was_late ? now - strained_at_ < kRecovery
                        : over_since_.has_value() && now - *over_since_ >= kPatience;
    return is_late_ != was_late;
  }

  bool is_late() const { return is_late_; }
  // The greatest lag since this was asked last.
  milliseconds TakePeak() { return std::exchange(peak_, milliseconds(0)); }

 private:
  milliseconds lag_max_;
  std::optional<Instant> over_since_;  // when it began to be over its bound, in every turn since
  Instant strained_at_{};              // when it was last over half of that
  milliseconds peak_{0};
  bool is_late_ = false;
};

}  // namespace floe::shard
