// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace floe::doctor {

// What an interface does for the CPU, as `ethtool -k` and `ethtool -l` would say it.
struct Offloads {
  bool scatter_gather = false;        // sg: takes a packet in pieces, from pages as they are
  bool checksum = false;              // tx: sums what it sends
  bool segmentation = false;          // tso: cuts a send into segments
  bool generic_segmentation = false;  // gso: or the kernel does, as late as it can
  uint32_t queues_max = 0;            // that it could transmit from; 0: it does not say
};

// Asks the driver, by the ioctls of ethtool; needs neither that program nor a privilege.
// Errors: NotFound where this network namespace has no such interface; others with the reason.
absl::StatusOr<Offloads> ReadOffloads(const std::string& interface);

}  // namespace floe::doctor
