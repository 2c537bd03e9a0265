// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/frame_arena.h"

#include <bit>
#include <cstdlib>

#include "base/check.h"

// Under ASan every frame is its own allocation, so that a use after its end is seen.
#if defined(__SANITIZE_ADDRESS__)
#define FLOE_FRAMES_FROM_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FLOE_FRAMES_FROM_HEAP 1
#endif
#endif

namespace floe::ring {
namespace {

thread_local FrameArena* installed = nullptr;

}  // namespace

FrameArena::~FrameArena() {
  FLOE_CHECK(bytes_in_use_ == 0);
  if (installed == this) installed = nullptr;
}

void FrameArena::Install(FrameArena* arena) { installed = arena; }

size_t FrameArena::ClassOf(size_t bytes) {
  if (bytes <= kSmallestBytes) return 0;
  return std::bit_width((bytes - 1) / kSmallestBytes);
}

void* FrameArena::Take(size_t size_class) {
  if (free_[size_class] == nullptr) {
    const size_t block_bytes = kSmallestBytes << size_class;
    chunks_.push_back(std::make_unique<std::byte[]>(kChunkBytes));
    for (size_t at = 0; at + block_bytes <= kChunkBytes; at += block_bytes) {
      auto* block = reinterpret_cast<FreeBlock*>(chunks_.back().get() + at);
      block->next = free_[size_class];
      free_[size_class] = block;
    }
  }
  FreeBlock* block = free_[size_class];
  free_[size_class] = block->next;
  return block;
}

// With no frame left every block is free, so all may go; the next requests cut new ones.
void FrameArena::ReleaseChunks() {
  free_.fill(nullptr);
  chunks_.clear();
}

void* FrameArena::Allocate(size_t bytes) noexcept {
  FrameArena* arena = installed;
  if (arena == nullptr || arena->bytes_in_use_ + bytes > arena->limit_bytes_) return nullptr;
  const size_t size_class = ClassOf(bytes);
  FLOE_CHECK(size_class < kClasses);  // a frame holds no large buffer; buffers are lent
  arena->bytes_in_use_ += bytes;
#ifdef FLOE_FRAMES_FROM_HEAP
  return std::malloc(bytes);
#else
  return arena->Take(size_class);
#endif
}

void FrameArena::Free(void* frame, size_t bytes) noexcept {
  FrameArena* arena = installed;
  FLOE_CHECK(arena != nullptr && arena->bytes_in_use_ >= bytes);
  arena->bytes_in_use_ -= bytes;
#ifdef FLOE_FRAMES_FROM_HEAP
  std::free(frame);
#else
  auto* block = static_cast<FreeBlock*>(frame);
  block->next = arena->free_[ClassOf(bytes)];
  arena->free_[ClassOf(bytes)] = block;
  if (arena->bytes_in_use_ == 0 && arena->chunks_.size() > kChunksKept) arena->ReleaseChunks();
#endif
}

}  // namespace floe::ring
