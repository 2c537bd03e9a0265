// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "base/slot.h"

namespace floe::tape {

// PageHeader says whose audio a page holds. It stands apart from the bytes, so that the arena
// holds audio only and can be registered with every ring as one buffer.
struct PageHeader {
  std::atomic<uint32_t> references{0};  // 0: free, or being given away
  std::atomic<uint64_t> key{0};         // PageKey(tape, page number); changes only while unshared
};

// Arena is the memory of all audio: one memfd, mapped once, cut into pages of kPageBytes.
//
// Units     pages; size() in bytes, a multiple of kPageBytes.
// Lifetime  of the process, and of the next one that maps the same memfd.
// Threads   Claim, TryRef and Unref may be called from any shard; none of them locks.
// Failure   Claim answers kNoSlot when every page is in use; that is an outcome, not an error.
class Arena {
 public:
  // Maps `size_bytes`, rounded up to whole pages. Errors: memfd_create, ftruncate or mmap failed.
  static absl::StatusOr<std::unique_ptr<Arena>> Create(uint64_t size_bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Takes a free page, `near`'s right neighbour if that is free, with one reference held by the
  // caller and the given key. Neighbours make spans: one piece to send instead of two.
  PageSlot Claim(PageSlot near, uint64_t key);

  // Adds a reference if the page is alive and still holds `key`.
  bool TryRef(PageSlot page, uint64_t key);
  // Drops a reference; who drops the last one returns the page to the free pages.
  void Unref(PageSlot page);
  // Rekeys in place a page of which the caller holds the only reference; false if it is shared.
  bool TryRekey(PageSlot page, uint64_t key);

  std::byte* data(PageSlot page) { return base_ + size_t{Index(page)} * kPageBytes; }
  const std::byte* data(PageSlot page) const { return base_ + size_t{Index(page)} * kPageBytes; }
  std::span<std::byte> mapping() { return {base_, size_bytes_}; }
  int memfd() const { return memfd_; }
  uint32_t pages() const { return pages_; }
  uint32_t pages_in_use() const { return in_use_.load(std::memory_order_relaxed); }

 private:
  Arena(int memfd, std::byte* base, uint64_t size_bytes);

  int memfd_;
  std::byte* base_;
  uint64_t size_bytes_;
  uint32_t pages_;
  std::unique_ptr<PageHeader[]> headers_;
  std::unique_ptr<std::atomic<uint64_t>[]> free_;  // a bit per page, 1: free
  std::atomic<uint32_t> in_use_{0};
};

}  // namespace floe::tape
