// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the allocator says of itself.
#pragma once

#include <cstdint>
#include <optional>

namespace floe {

struct HeapUse {
  uint64_t allocated_bytes = 0;  // what the program asked for and has not freed
  uint64_t resident_bytes = 0;   // what the allocator holds of the machine's memory for it
};

// Empty when the process runs on another allocator than jemalloc, as it does under sanitizers.
// Asks every arena in turn, so it is for status pages, not for loops. Threads: any.
std::optional<HeapUse> ReadHeapUse();

}  // namespace floe
