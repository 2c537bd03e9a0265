// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace floe::upstream {

inline constexpr milliseconds kBackoffMin{50};  // of a wait that is one
inline constexpr milliseconds kBackoffFirst{500};
inline constexpr milliseconds kBackoffMax{30'000};
inline constexpr milliseconds kBrokenMin{15'000};

// Dice are chance from a seed, as a plain value: the same seed gives the same rolls, here and in
// the next process.
struct Dice {
  uint64_t state = 0;

  uint64_t Roll();
  // From `least` to `most`, both of them too. REQUIRES: least <= most.
  milliseconds Between(milliseconds least, milliseconds most);

  bool operator==(const Dice&) const = default;
};

// The longest wait before another try, after so many failures in a row (1 or more): none after the
// first, then kBackoffFirst, doubled with each up to kBackoffMax.
milliseconds BackoffMost(uint32_t failures);

// The wait itself, anywhere between kBackoffMin and the longest, so that a thousand edges that lost
// one origin at once do not come back at once.
milliseconds Backoff(uint32_t failures, Dice& dice);

}  // namespace floe::upstream
