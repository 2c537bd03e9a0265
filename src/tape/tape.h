// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "tape/arena.h"

namespace floe::tape {

// SyncPoint is a place where a listener may begin.
struct SyncPoint {
  uint64_t offset_bytes;  // on the tape
  microseconds played;    // how much audio came before it since the mount's start
  uint32_t link;          // whose preamble is sent first
  bool needs_preamble;    // false where a link's own headers follow on the tape
};

// PageRef keeps one page readable: while it lives the page is not written again.
class PageRef {
 public:
  PageRef() = default;
  PageRef(Arena& arena, PageSlot page) : arena_(&arena), page_(page) {}  // adopts a reference
  PageRef(PageRef&& other) noexcept;
  PageRef& operator=(PageRef&& other) noexcept;
  ~PageRef();

  explicit operator bool() const { return arena_ != nullptr; }
  PageSlot slot() const { return page_; }
  const std::byte* data() const { return arena_->data(page_); }

 private:
  Arena* arena_ = nullptr;
  PageSlot page_ = kNoSlot<PageSlot>;
};

// Tape is one mount's audio: an endless run of bytes of which the newest are kept.
//
//      oldest()                    published()   (appended)
//   ------|=============================|------------|
//         ^ may be read                 ^ rests on a boundary; behind it nobody looks
//
// Units     offsets in bytes since the mount's start. Page n holds [n * kPageBytes, +kPageBytes).
// Lifetime  of its mount. Destroying it drops the tape's references, not the readers'.
// Threads   One writer at a time. Readers on any thread: published, oldest, Page, and the sync
//           point queries; none of them locks or waits.
// Failure   Append answers false when the arena is full; nothing of it was taken then.
class Tape {
 public:
  // `id` tells this tape's pages from any other's: unique in the process, below 2^24.
  Tape(Arena& arena, uint32_t id);
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // ---- the writer ----
  bool Append(std::span<const std::byte> bytes);
  // Forgets what was appended since the last Publish.
  void Discard();
  // Makes all that was appended readable (release). REQUIRES: the end is a boundary.
  void Publish();
  // A listener may begin at the appended end, once that is published.
  // REQUIRES: no byte was appended since the last boundary.
  void MarkSync(const SyncPoint& point);
  // Keeps at least the newest `bytes` and drops whole pages before them.
  void Trim(uint64_t keep_bytes);
  uint64_t appended() const { return appended_; }

  // ---- readers ----
  uint64_t published() const { return published_.load(std::memory_order_acquire); }
  uint64_t oldest() const { return oldest_.load(std::memory_order_acquire); }
  // The page, kept readable; empty when the tape no longer holds it (the reader was lapped).
  PageRef Page(uint64_t page_number) const;
  // The newest sync point with at least `back` of published audio behind it, else the oldest that
  // is still on the tape and no more than `bytes_max` before the end. Empty: none is known.
  std::optional<SyncPoint> SyncBack(microseconds back, uint64_t bytes_max) const;
  std::optional<SyncPoint> NewestSync() const { return SyncBack(microseconds(0), UINT64_MAX); }

 private:
  struct Impl;  // replaced by the implementation's members
  uint64_t appended_ = 0;
  std::atomic<uint64_t> published_{0};
  std::atomic<uint64_t> oldest_{0};
};

}  // namespace floe::tape
