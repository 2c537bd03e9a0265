// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Counts allocations. It defines operator new, so one file of a program includes it; where the
// TSan runtime defines it, there is nothing to count and only the play is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FLOE_NEW_IS_TAKEN
#endif
#elif defined(__SANITIZE_THREAD__)
#define FLOE_NEW_IS_TAKEN
#endif

namespace floe {
inline uint64_t g_allocations = 0;  // since the start
}  // namespace floe

#ifndef FLOE_NEW_IS_TAKEN
void* operator new(size_t size) {
  ++floe::g_allocations;
  return std::malloc(size);
}
void* operator new(size_t size, std::align_val_t alignment) {
  ++floe::g_allocations;
  const size_t mask = size_t(alignment) - 1;
  return std::aligned_alloc(size_t(alignment), (size + mask) & ~mask);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
#endif
