// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>

#include "absl/container/flat_hash_set.h"
#include "base/cidr.h"

namespace floe::access {

// CidrSet finds whether an address is in any of many networks: one look for each length that there
// is among them, however many networks have it.
//
// Threads   One that changes it; any that only asks.
class CidrSet {
 public:
  CidrSet() = default;
  explicit CidrSet(std::span<const Cidr> cidrs) {
    for (const Cidr& cidr : cidrs) Add(cidr);
  }

  void Add(const Cidr& cidr);
  bool Contains(const Address& address) const;
  bool empty() const { return by_bits_.empty(); }

 private:
  using Bytes = std::array<uint8_t, 16>;
  std::map<uint8_t, absl::flat_hash_set<Bytes>> by_bits_;  // none of the sets is empty
};

}  // namespace floe::access
