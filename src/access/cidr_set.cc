// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/cidr_set.h"

#include <algorithm>

namespace floe::access {
namespace {

// The address, of which only the first bits are left.
std::array<uint8_t, 16> FirstBits(std::array<uint8_t, 16> bytes, uint32_t bits) {
  for (uint32_t i = 0; i < bytes.size(); ++i) {
    const uint32_t kept = bits > i * 8 ? std::min<uint32_t>(bits - i * 8, 8) : 0;
    bytes[i] &= uint8_t(0xff00 >> kept);
  }
  return bytes;
}

}  // namespace

void CidrSet::Add(const Cidr& cidr) { by_bits_[cidr.bits].insert(cidr.bytes); }

bool CidrSet::Contains(const Address& address) const {
  for (const auto& [bits, networks] : by_bits_) {
    const Cidr around = {FirstBits(address.bytes, bits), bits};
    if (networks.contains(around.bytes) && around.Contains(address)) return true;
  }
  return false;
}

}  // namespace floe::access
