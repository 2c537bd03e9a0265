// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/heap.h"

#include <cstddef>

// jemalloc(3), "mallctl"; null where it is not linked in.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old_value, size_t* old_length,
                                             void* new_value, size_t new_length);

namespace floe {
namespace {

std::optional<uint64_t> Statistic(const char* name) {
  size_t value = 0;
  size_t length = sizeof(value);
  if (mallctl(name, &value, &length, nullptr, 0) != 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<HeapUse> ReadHeapUse() {
  if (mallctl == nullptr) return std::nullopt;
  uint64_t epoch = 1;  // statistics stand still until it is written
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof(epoch));
  const std::optional<uint64_t> allocated = Statistic("stats.allocated");
  const std::optional<uint64_t> resident = Statistic("stats.resident");
  if (!allocated.has_value() || !resident.has_value()) return std::nullopt;
  return HeapUse{.allocated_bytes = *allocated, .resident_bytes = *resident};
}

void UseOwnHeap() {
  if (mallctl == nullptr) return;
  unsigned arena = 0;
  size_t length = sizeof(arena);
  if (mallctl("arenas.create", &arena, &length, nullptr, 0) != 0) return;
  mallctl("thread.arena", nullptr, nullptr, &arena, sizeof(arena));
}

}  // namespace floe
