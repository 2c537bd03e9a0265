// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tape/tape.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace floe::tape {
namespace {

// A tape's first page is placed this many pages from the first page of the tape with the next
// id: room for each to have its history in neighbouring pages.
constexpr uint32_t kTapeStridePages = 16;

constexpr uint64_t PageOf(uint64_t offset_bytes) { return offset_bytes / kPageBytes; }
constexpr uint64_t PagesFor(uint64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes; }
constexpr PageSlot LeftOf(PageSlot page) { return PageSlot(Index(page) - 1); }

}  // namespace

Tape::Tape(Arena& arena, uint32_t id, uint32_t pages_max)
    : arena_(arena),
      id_(id),
      pages_max_(pages_max),
      places_(std::make_unique<std::atomic<PageSlot>[]>(pages_max)),
      sync_(std::make_unique<SyncPlace[]>(kSyncPointsMax)) {
  FLOE_CHECK(id < kTapeIdsMax);
  FLOE_CHECK(std::has_single_bit(pages_max));
  for (uint32_t i = 0; i < pages_max; ++i) {
    places_[i].store(kNoSlot<PageSlot>, std::memory_order_relaxed);
  }
  dropped_ = PageSlot(uint64_t{id} * kTapeStridePages % arena.pages());
}

Tape::~Tape() { DropPagesBefore(pages_end_); }

PageSlot Tape::TakePage(uint64_t page_number) {
  const uint64_t key = PageKey(id_, page_number);
  // A lap ago this place held another page. Nobody begins to read it once oldest_ has passed.
  if (page_number - pages_begin_ == pages_max_) {
    std::atomic<PageSlot>& place = Place(pages_begin_);
    ++pages_begin_;
    oldest_.store(pages_begin_ * kPageBytes, std::memory_order_release);
    const PageSlot page = place.exchange(kNoSlot<PageSlot>, std::memory_order_acq_rel);
    if (arena_.TryRekey(page, key)) return page;
    arena_.Unref(page);  // somebody still sends it: it is theirs to free, we take a fresh one
  }
  // The page dropped last is warm and keeps a tape from wandering through the whole arena.
  PageSlot near = kNoSlot<PageSlot>;
  if (dropped_ != kNoSlot<PageSlot>) {
    near = LeftOf(std::exchange(dropped_, kNoSlot<PageSlot>));
  } else if (pages_end_ > pages_begin_) {
    near = Place(pages_end_ - 1).load(std::memory_order_relaxed);
  }
  return arena_.Claim(near, key);
}

bool Tape::Append(std::span<const std::byte> bytes) {
  const uint64_t end = appended_ + bytes.size();
  const uint64_t first_needed = PageOf(published_.load(std::memory_order_relaxed));
  if (PagesFor(end) > first_needed + pages_max_) return false;

  const uint64_t claimed_before = pages_end_;
  while (pages_end_ < PagesFor(end)) {
    const PageSlot page = TakePage(pages_end_);
    if (page == kNoSlot<PageSlot>) {
      Unclaim(claimed_before);
      return false;
    }
    Place(pages_end_).store(page, std::memory_order_release);
    ++pages_end_;
  }

  while (!bytes.empty()) {
    const PageSlot page = Place(PageOf(appended_)).load(std::memory_order_relaxed);
    const size_t within = appended_ % kPageBytes;
    const size_t piece = std::min<size_t>(bytes.size(), kPageBytes - within);
    std::memcpy(arena_.data(page) + within, bytes.data(), piece);
    bytes = bytes.subspan(piece);
    appended_ += piece;
  }
  return true;
}

void Tape::Unclaim(uint64_t page_number) {
  while (pages_end_ > page_number) {
    --pages_end_;
    arena_.Unref(Place(pages_end_).exchange(kNoSlot<PageSlot>, std::memory_order_acq_rel));
  }
}

void Tape::Discard() {
  appended_ = published_.load(std::memory_order_relaxed);
  Unclaim(PagesFor(appended_));
  // Points at or behind published_ were never visible, so taking them back is not seen either.
  const uint64_t begin = sync_begin_.load(std::memory_order_relaxed);
  uint64_t end = sync_end_.load(std::memory_order_relaxed);
  while (end > begin && ReadSync(end - 1).offset_bytes >= appended_) --end;
  sync_end_.store(end, std::memory_order_release);
}

void Tape::Publish(microseconds played) {
  played_ = std::max(played_, played);
  played_us_.store(played_.count(), std::memory_order_relaxed);
  published_.store(appended_, std::memory_order_release);
}

void Tape::DropPagesBefore(uint64_t page_number) {
  if (page_number <= pages_begin_) return;
  const uint64_t first = pages_begin_;
  pages_begin_ = page_number;
  oldest_.store(pages_begin_ * kPageBytes, std::memory_order_release);
  dropped_ = Place(first).load(std::memory_order_relaxed);
  for (uint64_t n = first; n < page_number; ++n) {
    arena_.Unref(Place(n).exchange(kNoSlot<PageSlot>, std::memory_order_acq_rel));
  }
}

void Tape::Trim(uint64_t keep_bytes) {
  const uint64_t end = published_.load(std::memory_order_relaxed);
  DropPagesBefore(PageOf(end - std::min(end, keep_bytes)));
}

void Tape::ForgetSyncPoints() {
  sync_begin_.store(sync_end_.load(std::memory_order_relaxed), std::memory_order_release);
}

void Tape::Forget() {
  ForgetSyncPoints();
  Trim(0);
}

PageRef Tape::Page(uint64_t page_number) const {
  if (page_number >= PagesFor(published()) || page_number < PageOf(oldest())) return {};
  const PageSlot page = Place(page_number).load(std::memory_order_acquire);
  if (page == kNoSlot<PageSlot>) return {};
  if (!arena_.TryRef(page, PageKey(id_, page_number))) return {};
  return PageRef(arena_, page);
}

}  // namespace floe::tape
