// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace floe::hooks {

// So many failures in a row, and a web server is left alone.
inline constexpr uint32_t kBreakerFailuresMax = 5;
// For so long at first, doubled with each try that fails as well.
inline constexpr milliseconds kBreakerOpenFirst{2'000};
inline constexpr milliseconds kBreakerOpenMax{30'000};

// Breaker keeps a web server that does not answer from being asked for each listener, who would all
// wait for nothing: after some failures in a row none is asked, then one is to see whether it
// answers again.
//
// Threads   One at a time.
class Breaker {
 public:
  // Whether it may be asked; what becomes of that is said by Succeeded, Failed or Dropped.
  bool MayCall(Instant now) {
    if (failures_ < kBreakerFailuresMax) return true;
    if (now < closed_until_ || is_trying_) return false;
    is_trying_ = true;
    return true;
  }
  // True: it is trusted again, or not any more.
  bool Succeeded() {
    const bool was_open = is_open();
    failures_ = 0;
    is_trying_ = false;
    open_for_ = kBreakerOpenFirst;
    return was_open;
  }
  bool Failed(Instant now) {
    const bool was_open = is_open();
    failures_ = std::min(failures_ + 1, kBreakerFailuresMax);
    if (!is_open()) return false;
    if (was_open && !is_trying_) return false;  // one that was asked before it opened
    is_trying_ = false;
    closed_until_ = now + open_for_;
    open_for_ = std::min(open_for_ * 2, kBreakerOpenMax);
    return !was_open;
  }
  // Who asked did not wait for the answer.
  void Dropped() { is_trying_ = false; }

  bool is_open() const { return failures_ >= kBreakerFailuresMax; }

 private:
  uint32_t failures_ = 0;
  bool is_trying_ = false;
  Instant closed_until_{};
  milliseconds open_for_ = kBreakerOpenFirst;
};

}  // namespace floe::hooks
