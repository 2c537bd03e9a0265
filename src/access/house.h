// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/address.h"

namespace floe::access {

inline constexpr uint32_t kIpv6HouseBytes = 8;

// Whom an address is counted as: itself, or, of IPv6, its network of 64 bits, which is what one
// house has and may choose addresses from as it likes.
using House = std::array<uint8_t, 16>;

inline House HouseOf(const Address& address) {
  House house = address.bytes;
  if (!address.is_v4()) std::fill(house.begin() + kIpv6HouseBytes, house.end(), 0);
  return house;
}

}  // namespace floe::access
