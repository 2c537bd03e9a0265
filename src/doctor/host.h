// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "doctor/cgroup.h"
#include "doctor/offloads.h"

namespace floe::doctor {

inline constexpr uint64_t kUnlimited = UINT64_MAX;  // of a resource limit

// An interface that is up. Loopback is none.
struct Interface {
  std::string name;
  bool is_virtual = false;            // a bridge, a tunnel, a container's end of a pair
  uint32_t queues = 0;                // that it transmits from
  std::optional<uint32_t> numa_node;  // where its device is plugged in
  absl::StatusOr<Offloads> offloads;
};

// Host is what a machine says of itself: facts, and no opinion of them. What is unset could not be
// read.
struct Host {
  std::string kernel_release;  // "6.8.0-45-generic"; empty: could not be read
  absl::Status io_uring;       // what the probe of the running kernel answered
  std::map<std::string, std::string, std::less<>> sysctls;  // name, text; those that can be read
  std::optional<uint64_t> descriptors_max;                  // hard limit of open files
  std::optional<uint64_t> locked_bytes_max;                 // soft limit of locked memory
  bool may_lock = false;                                    // CAP_IPC_LOCK: no such limit
  std::optional<uint64_t> memory_bytes;
  std::optional<uint64_t> swap_bytes;
  uint64_t page_bytes = 4096;
  CgroupLimits cgroup;
  std::optional<std::string> huge_pages;            // always, madvise or never
  std::optional<std::string> shared_huge_pages;     // of what the arena is made of
  std::map<std::string, uint32_t> governors;        // of frequency; and how many cores have it
  std::vector<uint32_t> cores;                      // that this process may use
  std::map<uint32_t, std::vector<uint32_t>> nodes;  // of NUMA that have cores: which
  std::vector<Interface> interfaces;

  // Null when it could not be read.
  const std::string* Sysctl(absl::string_view name) const;
};

// Where the facts come from.
struct HostSources {
  std::string root;       // what /proc and /sys stand in; empty on a live host
  absl::Status io_uring;  // of ring::ProbeKernel()
  std::function<absl::StatusOr<Offloads>(const std::string&)> offloads = ReadOffloads;
};

// Never fails: what cannot be read is unset. Blocks for some milliseconds.
Host ReadHost(const HostSources& sources);

}  // namespace floe::doctor
