// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "absl/strings/string_view.h"

namespace floe::config {

// Letters to change, add, drop or swap with their neighbour to make one of the other.
// Only the first kSuggestedBytesMax bytes of each are looked at.
uint32_t EditDistance(absl::string_view one, absl::string_view other);

// The candidate that `name` was probably meant to be; empty when it resembles none. Case and
// '-' for '_' do not count.
absl::string_view Nearest(absl::string_view name, std::span<const absl::string_view> candidates);

}  // namespace floe::config
