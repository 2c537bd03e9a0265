// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Times and sizes as people write them: a whole number and its unit, nothing between.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "config/problems.h"

namespace floe::config {

template <typename Quantity>
struct Range {
  Quantity min;
  Quantity max;
  bool Holds(Quantity quantity) const { return min <= quantity && quantity <= max; }
};

// "20ms" "4s" "2m" "1h" "30d". A number without a unit is refused with the unit that was likely
// meant.
Verdict ReadTime(absl::string_view text, const Range<milliseconds>& range, milliseconds* time);
// "500kB" "64KiB" "256MiB" "1GiB" "4096B".
Verdict ReadSize(absl::string_view text, const Range<uint64_t>& range, uint64_t* size_bytes);

// With the largest unit that divides it; reads back as the same.
std::string FormatTime(milliseconds time);
std::string FormatSize(uint64_t size_bytes);

}  // namespace floe::config
