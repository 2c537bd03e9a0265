// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/limits.h"
#include "tape/arena.h"

namespace floe::tape {

// Sync points nearer to the last one than both of these are not kept, unless their link or
// their need of a preamble differs: 38 an MPEG second would fill the ring to no listener's gain.
inline constexpr microseconds kSyncSpacing{50'000};
inline constexpr uint64_t kSyncSpacingBytes = kPageBytes / 4;

// SyncPoint is a place where a listener may begin.
struct SyncPoint {
  uint64_t offset_bytes;  // on the tape
  microseconds played;    // how much audio came before it since the mount's start
  uint32_t link;          // whose preamble is sent first
  bool needs_preamble;    // false where a link's own headers follow on the tape

  bool operator==(const SyncPoint&) const = default;
};

// TapeState is a tape as a plain value: what the next process makes the same tape of, over the same
// pages.
struct TapeState {
  uint32_t id = 0;
  uint64_t appended_bytes = 0;
  uint64_t published_bytes = 0;
  uint64_t first_page = 0;             // its number
  std::vector<PageSlot> pages;         // that one and those after it
  microseconds played{0};              // up to the newest sync point or boundary
  microseconds published_played{0};    // as readers were told
  std::vector<SyncPoint> sync_points;  // oldest first

  bool operator==(const TapeState&) const = default;
};

// PageRef keeps one page readable: while it lives the page is not written again, but for the
// bytes that are not published yet.
class PageRef {
 public:
  PageRef() = default;
  PageRef(Arena& arena, PageSlot page) : arena_(&arena), page_(page) {}  // adopts a reference
  PageRef(PageRef&& other) noexcept
      : arena_(std::exchange(other.arena_, nullptr)),
        page_(std::exchange(other.page_, kNoSlot<PageSlot>)) {}
  PageRef& operator=(PageRef&& other) noexcept {
    if (this != &other) {
      Drop();
      arena_ = std::exchange(other.arena_, nullptr);
      page_ = std::exchange(other.page_, kNoSlot<PageSlot>);
    }
    return *this;
  }
  ~PageRef() { Drop(); }

  explicit operator bool() const { return arena_ != nullptr; }
  PageSlot slot() const { return page_; }
  const std::byte* data() const { return arena_->data(page_); }

 private:
  void Drop() {
    if (arena_ != nullptr) arena_->Unref(page_);
  }

  Arena* arena_ = nullptr;
  PageSlot page_ = kNoSlot<PageSlot>;
};

// Tape is one mount's audio: an endless run of bytes of which the newest are kept.
//
//      oldest()                    published()   appended()
//   ------|=============================|------------|
//         ^ may be read                 ^ rests on a boundary; behind it nobody looks
//
// Slots of a ring point at the pages. What a reader relies on, and the order that gives it:
//
//   writer: copy bytes -> slot -> sync point -> published (release)
//   reader: published (acquire) -> slot -> TryRef, key      : all that is published is there
//
//   writer: oldest (release) -> slot cleared -> reference dropped
//   reader: Page() is empty (acquire) -> oldest             : who was lapped sees how far
//
// Units     offsets in bytes since the mount's start. Page n holds [n * kPageBytes, +kPageBytes).
//           oldest() is always the first byte of a page.
// Lifetime  of its mount. Destroying it drops the tape's references, not the readers'.
// Threads   One writer at a time. Readers on any thread: published, oldest, played, Page, and
//           the sync point queries; none of them locks or waits.
// Failure   Append answers false when the arena is full; nothing of it was taken then.
class Tape {
 public:
  // `id` tells this tape's pages from any other's: unique in the process, below kTapeIdsMax.
  // The ring has `pages_max` places, a power of two: the most it ever keeps.
  Tape(Arena& arena, uint32_t id, uint32_t pages_max = kTapePagesMax);
  ~Tape();
  // Makes this new tape the one that `state` was taken of. Errors: it cannot be one.
  // REQUIRES: nobody uses this tape yet, and the arena maps the pages of that one.
  absl::Status Restore(const TapeState& state);
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // ---- the writer ----
  // Copies `bytes` to the end, all or nothing. False also when what is not yet published would
  // outgrow the ring.
  [[nodiscard]] bool Append(std::span<const std::byte> bytes);
  // Forgets what was appended since the last Publish, and the sync points marked since.
  void Discard();
  // Makes all that was appended readable (release). `played` is how much audio the tape has had
  // up to here; without it, up to the newest sync point. REQUIRES: the end is a boundary.
  void Publish() { Publish(microseconds(0)); }
  void Publish(microseconds played);
  // A listener may begin at the appended end, once that is published.
  // REQUIRES: point.offset_bytes == appended(), and no byte was appended since the last boundary.
  void MarkSync(const SyncPoint& point);
  // Keeps at least the newest `keep_bytes` and drops whole pages before them.
  void Trim(uint64_t keep_bytes);
  // Nothing published so far is a place to begin at any more. Who is within it hears the rest.
  void ForgetSyncPoints();
  // The same, and its whole pages are dropped.
  void Forget();
  uint64_t appended() const { return appended_; }
  // REQUIRES: nobody writes meanwhile.
  TapeState state() const;

  // ---- readers ----
  uint64_t published() const { return published_.load(std::memory_order_acquire); }
  uint64_t oldest() const { return oldest_.load(std::memory_order_acquire); }
  // How much audio was ever published. Read after published() it is of that moment or of a
  // slightly later one.
  microseconds played() const { return microseconds(played_us_.load(std::memory_order_relaxed)); }
  // The page, kept readable; empty when the tape no longer holds it (the reader was lapped, and
  // oldest() says so already) or nothing of it is published.
  PageRef Page(uint64_t page_number) const;
  // The newest sync point with at least `back` of published audio behind it, else the oldest that
  // is still on the tape; of those no more than `bytes_max` before the end, unless all are.
  // Empty: none is known.
  std::optional<SyncPoint> SyncBack(microseconds back, uint64_t bytes_max) const;
  std::optional<SyncPoint> NewestSync() const { return SyncBack(microseconds(0), UINT64_MAX); }
  // The same, and the oldest with at most `back` behind it; if there is none, the newest.
  std::optional<SyncPoint> SyncWithin(microseconds back, uint64_t bytes_max) const;

  Arena& arena() const { return arena_; }
  uint32_t id() const { return id_; }

 private:
  // One place of the ring of sync points. Valid while its index is in [sync_begin_, sync_end_).
  struct SyncPlace {
    std::atomic<uint64_t> offset_bytes;
    std::atomic<int64_t> played_us;
    std::atomic<uint64_t> link_and_need;  // link << 1 | needs_preamble
  };

  std::atomic<PageSlot>& Place(uint64_t page_number) const {
    return places_[page_number & (pages_max_ - 1)];
  }
  PageSlot TakePage(uint64_t page_number);
  absl::Status Check(const TapeState& state) const;
  // Gives back the claimed pages from `page_number` on; none of them has a published byte.
  void Unclaim(uint64_t page_number);
  void DropPagesBefore(uint64_t page_number);
  bool IsTooNear(const SyncPoint& point) const;

  SyncPlace& SyncAt(uint64_t index) const { return sync_[index % kSyncPointsMax]; }
  SyncPoint ReadSync(uint64_t index) const;
  void WriteSync(uint64_t index, const SyncPoint& point);
  template <typename Predicate>
  uint64_t FirstSync(uint64_t begin, uint64_t end, Predicate is_behind) const;
  enum class Rounding : uint8_t { kToOlder, kToNewer };
  std::optional<SyncPoint> FindSync(microseconds back, uint64_t bytes_max, Rounding rounding) const;
  std::optional<SyncPoint> SearchSync(uint64_t begin, uint64_t end, microseconds back,
                                      uint64_t bytes_max, Rounding rounding) const;

  Arena& arena_;
  uint32_t id_;
  const uint32_t pages_max_;
  const std::unique_ptr<std::atomic<PageSlot>[]> places_;
  const std::unique_ptr<SyncPlace[]> sync_;

  // The writer's own.
  uint64_t appended_ = 0;
  uint64_t pages_begin_ = 0;  // pages [begin, end) are in the ring
  uint64_t pages_end_ = 0;
  PageSlot dropped_ = kNoSlot<PageSlot>;  // the first one Trim gave back: the best to claim next
  microseconds played_{0};

  // What readers poll, away from what the writer changes with every frame.
  alignas(64) std::atomic<uint64_t> published_{0};
  std::atomic<int64_t> played_us_{0};  // stored just before published_
  std::atomic<uint64_t> oldest_{0};
  std::atomic<uint64_t> sync_begin_{0};  // only ever grows
  std::atomic<uint64_t> sync_end_{0};
};

static_assert((kSyncPointsMax & (kSyncPointsMax - 1)) == 0);

}  // namespace floe::tape
