// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "mount/registry.h"

namespace floe::session {

inline constexpr milliseconds kLiveMountsAge{200};  // that the list may have
inline constexpr uint32_t kFollowersMax = 64;       // of the list, over a long request each

// The mounts that other servers may fetch, by name: there is or was just now audio on them, and
// they are not hidden.
std::vector<std::string> LiveMountsOf(const mount::Registry& registry, Instant now);

// What has to be said to who knows `before`, a line each: "+/new", "-/gone". Both are in order.
std::string ChangesBetween(const std::vector<std::string>& before,
                           const std::vector<std::string>& after);

// LiveMounts looks at the registry for all who follow the list, once for all of them.
//
// Lifetime  of the process.
// Threads   Any; behind a mutex that only followers take.
class LiveMounts {
 public:
  // What a follower knows.
  struct Known {
    uint64_t version = 0;  // 0: nothing
    std::vector<std::string> names;
  };

  // The list as it is now, or was kLiveMountsAge ago at most. Empty text: `known` is it already;
  // else what has changed, and `known` is renewed.
  std::string Renew(const mount::Registry& registry, Instant now, Known* known);

  // A place among kFollowersMax, which is given back by Left; false when there is none.
  bool Came();
  void Left() { followers_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  Mutex mutex_;
  Instant looked_ ABSL_GUARDED_BY(mutex_){};
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::atomic<uint32_t> followers_{0};
};

}  // namespace floe::session
