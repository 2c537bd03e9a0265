// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Indexes that cannot be mixed up. A slot is a place in one table; 32 bits of index instead of a
// pointer keep records small and let a stale one be noticed.
#pragma once

#include <cstdint>

namespace floe {

enum class FdSlot : uint32_t {};        // a ring's direct-descriptor table
enum class ListenerSlot : uint32_t {};  // a shard's listener slab
enum class MountSlot : uint32_t {};     // a shard's table of the mounts it plays
enum class PageSlot : uint32_t {};      // the arena

// The value that names no place, whatever the table.
template <typename Slot>
inline constexpr Slot kNoSlot = Slot(UINT32_MAX);

template <typename Slot>
constexpr uint32_t Index(Slot slot) {
  return static_cast<uint32_t>(slot);
}

}  // namespace floe
