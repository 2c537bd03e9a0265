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

// A tape's id is below this; the other 40 bits of a key count its pages (2^56 bytes of audio).
inline constexpr uint32_t kTapeIdsMax = 1u << 24;
inline constexpr uint64_t kPageNumbersMax = uint64_t{1} << 40;

// Whose page it is and which one: no two pages that ever live at once have the same key.
constexpr uint64_t PageKey(uint32_t tape_id, uint64_t page_number) {
  return uint64_t{tape_id} << 40 | (page_number & (kPageNumbersMax - 1));
}

// PageHeader says whose audio a page holds. It stands apart from the bytes, so that the arena
// holds audio only and can be registered with every ring as one buffer.
struct PageHeader {
  std::atomic<uint32_t> references{0};  // 0: free, or being given away
  std::atomic<uint64_t> key{0};         // changes only while nobody holds a reference
};

// Arena is the memory of all audio: one memfd, mapped once, cut into pages of kPageBytes.
//
// A page goes round like this; what is above an arrow is the one atomic step that decides it:
//
//            free bit cleared            count 0 -> 1
//   free ----------------------> taken ----------------> held, count >= 1 <--+ TryRef: n -> n+1,
//    ^                             ^   (key is written)    |        |        |  only if n > 0
//    |      free bit set           |      count 1 -> 0     |        +--------+
//    +------------------ count 0 <-+-----------------------+ Unref, TryRekey
//
// Why a reader never sees bytes of another life of the page:
//  1. It adds its reference only to a count above 0 (compare-exchange), and looks at the key
//     after that. From then on the count cannot become 0, and the key and published bytes change
//     only at 0. So a key that matches once matches for as long as the reference is held.
//  2. The key it sees is no older than the count it added to: the key is written before the count
//     becomes 1 (release), and every later count is a read-modify-write, so that adding to it
//     (acquire) sees the key.
//  3. Bytes are written before the tape publishes them (release) and are read by those who saw
//     them published (acquire); the count has no part in that.
//  4. Bytes are overwritten after the count was 0, and each Unref is a release that the step to 0
//     acquires: all reads of the old life happen before the first write of the new one.
//  5. A reader that comes with an old key may add a reference to somebody else's page for a
//     moment. That makes the owner's TryRekey fail, or the reader the one who frees it: no harm.
//
// Units     pages; size() in bytes, a multiple of kPageBytes.
// Lifetime  of the process, and of the next one that maps the same memfd. Outlives every tape and
//           every PageRef.
// Threads   Claim, TryRef, Unref and TryRekey may be called from any shard; none of them locks.
// Failure   Claim answers kNoSlot when every page is in use; that is an outcome, not an error.
class Arena {
 public:
  // Maps `size_bytes`, rounded up to whole pages. Errors: the size is 0 or absurd, or
  // memfd_create, ftruncate or mmap failed.
  static absl::StatusOr<std::unique_ptr<Arena>> Create(uint64_t size_bytes);
  // Maps the memfd of the process before, which this takes over even when it fails. It grows to
  // `size_bytes`; of a longer one the surplus is given back as its pages come free. All pages are
  // free until TakeBack says whose they are. Errors: it is no memfd of whole pages, or mmap failed.
  static absl::StatusOr<std::unique_ptr<Arena>> Map(int memfd, uint64_t size_bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Takes a free page, `near`'s right neighbour if that is free, else the next free one from
  // there, with one reference held by the caller and the given key. Neighbours make spans: one
  // piece to send instead of two. `near` may be kNoSlot: the first free page. It is only a hint,
  // so it need not be in use.
  [[nodiscard]] PageSlot Claim(PageSlot near, uint64_t key);

  // Takes that very page, which held `key` in the process before. False: there is none such, or it
  // was taken already.
  [[nodiscard]] bool TakeBack(PageSlot page, uint64_t key);

  // The pages are the next process's as well: nothing of them is given back to the kernel here.
  void Disown() { is_disowned_.store(true, std::memory_order_relaxed); }

  // Adds a reference if the page is alive and still holds `key`.
  [[nodiscard]] bool TryRef(PageSlot page, uint64_t key);
  // Drops a reference; who drops the last one returns the page to the free pages.
  void Unref(PageSlot page);
  // Rekeys in place a page of which the caller holds the only reference; false if it is shared.
  [[nodiscard]] bool TryRekey(PageSlot page, uint64_t key);

  std::byte* data(PageSlot page) { return base_ + size_t{Index(page)} * kPageBytes; }
  const std::byte* data(PageSlot page) const { return base_ + size_t{Index(page)} * kPageBytes; }
  std::span<std::byte> mapping() { return {base_, size_bytes_}; }
  int memfd() const { return memfd_; }
  uint64_t size() const { return size_bytes_; }
  uint32_t pages() const { return pages_; }
  bool Knows(PageSlot page) const { return Index(page) < pages_; }
  // For status and tests; a moment old at once when others claim and drop.
  uint32_t pages_in_use() const { return in_use_.load(std::memory_order_relaxed); }

 private:
  Arena(int memfd, std::byte* base, uint64_t size_bytes, uint32_t claimable_pages);
  static absl::StatusOr<std::unique_ptr<Arena>> MapWhole(int memfd, uint64_t size_bytes,
                                                         uint64_t claimable_bytes);

  // Takes one of the free pages that `mask` leaves of a word of the bitmap.
  PageSlot TakeFromWord(uint32_t word, uint64_t mask);

  int memfd_;
  std::byte* base_;
  uint64_t size_bytes_;
  uint32_t pages_;
  uint32_t claimable_pages_;  // those behind are of a longer arena before: used up, then given back
  std::unique_ptr<PageHeader[]> headers_;
  std::unique_ptr<std::atomic<uint64_t>[]> free_;  // a bit per page, 1: free
  std::atomic<uint32_t> in_use_{0};
  std::atomic<bool> is_disowned_{false};
};

}  // namespace floe::tape
