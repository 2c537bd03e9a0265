// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "access/house.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace floe::access {

inline constexpr size_t kRatedHousesMax = 16'384;

struct RateRules {
  uint32_t rate = 100;  // a second; 0: no limit
  uint32_t burst = 1'000;
};

// RequestRates gives each house a bucket of `burst` tokens that fills again at `rate` a second: a
// request takes one, and finds none left when there were too many.
//
// Lifetime  of the process.
// Threads   Any.
// Failure   None: of more houses than kRatedHousesMax those are forgotten whose buckets are full
//           again, and, when that is none, the fullest of some.
class RequestRates {
 public:
  // Nothing when there was a token; else how long until there is one.
  std::optional<milliseconds> Take(const Address& address, const RateRules& rules, Instant now);

  size_t houses() const;

 private:
  struct Bucket {
    double tokens;
    Instant filled;
  };
  void MakeRoom(const RateRules& rules, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  absl::flat_hash_map<House, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::access
