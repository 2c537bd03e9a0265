// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "doctor/files.h"

namespace floe::doctor {

// What the cgroups of the asking process allow, the smallest of the way up to the root; unset where
// there is no limit.
struct CgroupLimits {
  std::optional<uint64_t> memory_bytes_max;
  std::optional<uint64_t> threads_max;
};

// Version 2, version 1, and both at once. A systemd unit has cgroups of its own, so what holds for
// the shell that asks need not hold for it.
CgroupLimits ReadCgroupLimits(const Files& files);

}  // namespace floe::doctor
