// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The allocator: what it says of itself, and what it is told.
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

// Gives the calling thread memory that no other thread is given: what a pinned thread touches first
// is of its own NUMA node and stays so, and it waits for nobody. Does nothing on other allocators.
void UseOwnHeap();

}  // namespace floe
