// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tape/tape.h"

namespace floe::listener {

// Pages are counted from the mount's start: page n holds [n * kPageBytes, +kPageBytes).
constexpr uint32_t PageNumber(uint64_t offset_bytes) { return uint32_t(offset_bytes / kPageBytes); }

// HeldPages keeps those pages of one tape readable that this shard sends or may soon send: one
// reference per page, however many listeners it goes to, and a count of the sends in flight.
//
// Units     page numbers.
// Lifetime  of its view. Destroyed only when nothing is in flight.
// Threads   One: the shard that owns it.
// Failure   Find answers null when the tape has dropped the page: the listener was lapped.
class HeldPages {
 public:
  explicit HeldPages(const tape::Tape& tape) : tape_(tape) {}

  // The bytes of the page. Readable until DropUnused is told that the tape has left it, and
  // longer while it is pinned.
  const std::byte* Find(uint32_t page);

  // `count` pages from `first` on are in flight once more, or once less. Pin REQUIRES Find.
  void Pin(uint32_t first, uint32_t count);
  void Unpin(uint32_t first, uint32_t count);

  // Lets go of pages before `first_kept` that nothing in flight points to.
  void DropUnused(uint32_t first_kept);

  uint32_t size() const { return uint32_t(pages_.size()); }
  // Calls visit(number, slot) for each page that something in flight points to.
  template <typename Visit>
  void ForEachPinned(Visit&& visit) const {
    for (const HeldPage& held : pages_) {
      if (held.sends_in_flight > 0) visit(held.number, held.page.slot());
    }
  }
  // Whether something in flight points to a page before `first_kept`.
  bool IsPinnedBefore(uint32_t first_kept) const;

 private:
  struct HeldPage {
    uint32_t number;
    uint32_t sends_in_flight;
    tape::PageRef page;
  };
  // The place of the page, or where it belongs.
  std::vector<HeldPage>::iterator Place(uint32_t page);

  const tape::Tape& tape_;
  std::vector<HeldPage> pages_;  // by number; the newest, which most sends are of, at the back
};

}  // namespace floe::listener
