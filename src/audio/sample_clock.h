// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace floe::audio {

// SampleClock turns counts of samples into time. A frame of 1152 samples at 44.1 kHz is no whole
// number of microseconds, so the rest of each division is kept: the sum over a day of frames is
// off by less than a microsecond.
struct SampleClock {
  // The time of `samples` more, of which there are `rate` in `per` seconds. 0 for a rate of 0; at
  // most kAdvanceMax.
  microseconds Advance(uint64_t samples, uint64_t rate, uint64_t per = 1) {
    if (rate == 0) return microseconds(0);
    if (rate != parts_per_us) {  // the rest was counted in the old rate's parts
      parts_per_us = rate;
      rest_parts = 0;
    }
    const Wide parts = Wide{samples} * per * 1'000'000 + rest_parts;
    rest_parts = static_cast<uint64_t>(parts % rate);
    constexpr auto kMost = static_cast<uint64_t>(kAdvanceMax.count());
    return microseconds(static_cast<int64_t>(std::min<Wide>(parts / rate, kMost)));
  }
  bool IsPossible() const { return rest_parts < std::max<uint64_t>(parts_per_us, 1); }
  bool operator==(const SampleClock&) const = default;

  // No frame and no page is as long. A header that says so lies, and a few such would overflow
  // the sum.
  static constexpr microseconds kAdvanceMax = 24h;
  __extension__ using Wide = unsigned __int128;

  uint64_t parts_per_us = 0;  // the rate of the last Advance
  uint64_t rest_parts = 0;    // below parts_per_us
};

}  // namespace floe::audio
