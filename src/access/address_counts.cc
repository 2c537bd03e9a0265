// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/address_counts.h"

#include "base/check.h"

namespace floe::access {

bool AddressCounts::Take(const House& house, absl::string_view mount, const AddressLimits& limits) {
  const MutexLock lock(&mutex_);
  const auto found = by_house_.find(house);
  if (found != by_house_.end()) {
    const Counts& counts = found->second;
    const auto of_mount = counts.of_mounts.find(mount);
    const uint32_t here = of_mount == counts.of_mounts.end() ? 0 : of_mount->second;
    if (limits.of_all != 0 && counts.of_all >= limits.of_all) return false;
    if (limits.of_mount != 0 && here >= limits.of_mount) return false;
  }
  Counts& counts = by_house_[house];
  ++counts.of_all;
  ++counts.of_mounts[mount];
  return true;
}

void AddressCounts::Add(const House& house, absl::string_view mount) {
  (void)Take(house, mount, AddressLimits{});
}

void AddressCounts::GiveBack(const House& house, absl::string_view mount) {
  const MutexLock lock(&mutex_);
  const auto found = by_house_.find(house);
  FLOE_CHECK(found != by_house_.end());
  Counts& counts = found->second;
  const auto of_mount = counts.of_mounts.find(mount);
  FLOE_CHECK(of_mount != counts.of_mounts.end());
  if (--of_mount->second == 0) counts.of_mounts.erase(of_mount);
  if (--counts.of_all == 0) by_house_.erase(found);
}

uint32_t AddressCounts::Of(const House& house) const {
  const MutexLock lock(&mutex_);
  const auto found = by_house_.find(house);
  return found == by_house_.end() ? 0 : found->second.of_all;
}

uint32_t AddressCounts::Of(const House& house, absl::string_view mount) const {
  const MutexLock lock(&mutex_);
  const auto found = by_house_.find(house);
  if (found == by_house_.end()) return 0;
  const auto of_mount = found->second.of_mounts.find(mount);
  return of_mount == found->second.of_mounts.end() ? 0 : of_mount->second;
}

size_t AddressCounts::houses() const {
  const MutexLock lock(&mutex_);
  return by_house_.size();
}

}  // namespace floe::access
