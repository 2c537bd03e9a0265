// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "doctor/host.h"

namespace floe::doctor {

// Who set no limits.listeners is taken to want this many: what the memory of a small machine holds.
inline constexpr uint64_t kListenersUnsaid = 10'000;

// Plan is what the configuration will ask of the host.
struct Plan {
  uint32_t shards = 1;
  std::vector<uint32_t> cores;  // that they run on
  uint64_t listeners = 0;       // 0: as many as there is room for
  uint64_t send_buffer_bytes = 0;
  uint64_t arena_bytes = 0;
  bool may_zero_copy = true;
  std::string congestion;  // of listeners' sockets; empty: the host's

  bool has_limit() const { return listeners != 0; }
  uint64_t listeners_or_usual() const { return has_limit() ? listeners : kListenersUnsaid; }
  // What the kernel holds when nobody reads, as when an uplink stalls.
  uint64_t unsent_bytes_max() const { return listeners_or_usual() * send_buffer_bytes; }
};

// What server.cores names and the host does not have is not counted; the server will refuse it.
Plan PlanOf(const config::Config& config, const Host& host);

}  // namespace floe::doctor
