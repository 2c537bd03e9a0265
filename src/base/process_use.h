// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "base/clock.h"

namespace floe {

// What this process takes of the machine.
struct ProcessUse {
  nanoseconds cpu{0};  // of all threads, in the kernel too
  absl::Time started;  // the process; empty, UnixEpoch, when the host does not say
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint32_t threads = 0;
  uint32_t files = 0;  // descriptors; those of the rings' tables are none
  uint64_t files_max = 0;
};

// Reads /proc. Threads: any, but none that carries audio.
ProcessUse ReadProcessUse();

}  // namespace floe
