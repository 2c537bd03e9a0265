// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace floe::ring {

// FrameArena is the memory of a shard's coroutine frames: blocks of a few sizes, cut from chunks
// that are kept for the next request, and given back when a rush is over. Bounded, so that a flood
// of requests ends in refusals, not in memory.
//
// Units     bytes.
// Lifetime  of its thread: Install makes it the calling thread's; it must outlive every frame.
// Threads   One.
// Failure   Allocate answers null when `limit_bytes` would be passed; the Task is then empty.
class FrameArena {
 public:
  explicit FrameArena(size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  ~FrameArena();
  FrameArena(const FrameArena&) = delete;
  FrameArena& operator=(const FrameArena&) = delete;

  // Frames of this thread come from this arena from now on; null: from none.
  static void Install(FrameArena* arena);
  // Of the calling thread. Null when it has none or it is full.
  static void* Allocate(size_t bytes) noexcept;
  static void Free(void* frame, size_t bytes) noexcept;

  size_t bytes_in_use() const { return bytes_in_use_; }
  // A new request is only begun while its callees' frames will find room as well.
  uint32_t RequestsWithRoom() const {
    const size_t left_bytes = limit_bytes_ - std::min(bytes_in_use_, limit_bytes_);
    return uint32_t(left_bytes / kRequestReserveBytes);
  }

  static constexpr size_t kRequestReserveBytes = 16 * 1024;

 private:
  static constexpr size_t kSmallestBytes = 128;
  static constexpr size_t kClasses = 8;  // 128 B to 16 KiB
  static constexpr size_t kChunkBytes = 64 * 1024;
  struct FreeBlock {
    FreeBlock* next;
  };

  static constexpr size_t kChunksKept = 4;  // when nobody is here

  static size_t ClassOf(size_t bytes);
  void* Take(size_t size_class);
  void ReleaseChunks();

  size_t limit_bytes_;
  size_t bytes_in_use_ = 0;
  std::array<FreeBlock*, kClasses> free_{};
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
};

}  // namespace floe::ring
