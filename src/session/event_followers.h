// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace floe::session {

inline constexpr uint32_t kEventFollowersMax = 256;  // of the process, at once

// EventFollowers counts who follows the events.
//
// Lifetime  of the process. Threads  any.
class EventFollowers {
 public:
  // A place among kEventFollowersMax, which is given back by Left; false when there is none.
  bool Came() {
    if (count_.fetch_add(1, std::memory_order_relaxed) < kEventFollowersMax) return true;
    Left();
    return false;
  }
  void Left() { count_.fetch_sub(1, std::memory_order_relaxed); }
  uint32_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint32_t> count_{0};
};

}  // namespace floe::session
