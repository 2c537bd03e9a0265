// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mount/mount.h"

namespace floe::listener {

// HeldTitles is a shard's copy of a mount's titles, each rendered once as the ICY block that all
// listeners of the shard are sent.
//
// Units     offsets on the tape; sequences as the mount counts its titles.
// Lifetime  of its view. A block stays where it is while a listener holds its title.
// Threads   One: the shard that owns it. Update takes the mount's lock when there are new titles.
// Failure   None. A listener so far behind that its title is no longer kept hears of the next.
class HeldTitles {
 public:
  struct Title {
    uint32_t sequence;
    uint32_t holders;       // listeners whose block is in flight or under way
    uint64_t offset_bytes;  // where it begins to hold
    std::vector<std::byte> block;

    bool operator==(const Title&) const = default;
  };

  // Copies what is new, if anything is, and forgets the oldest beyond kTitlesKept.
  void Update(const mount::Mount& mount);

  // The title that holds at `offset_bytes`; null when none does.
  const Title* At(uint64_t offset_bytes) const;

  // From Hold to Release the block of the title stays. REQUIRES: it is known.
  void Hold(uint32_t sequence);
  void Release(uint32_t sequence);
  std::span<const std::byte> BlockOf(uint32_t sequence) const;

  // Of the process before: the titles that listeners are in the middle of, and how they come back.
  // Those that are known already stay as they are; later ones than the mount's are not believed.
  std::vector<Title> Held() const;
  void Restore(std::vector<Title> titles);
  bool Knows(uint32_t sequence) const;

  uint32_t size() const { return uint32_t(titles_.size()); }

 private:
  size_t IndexOf(uint32_t sequence) const;
  void ForgetOldest();

  std::vector<Title> titles_;  // by sequence, and so by offset
  std::vector<mount::TitleMark> fresh_;
  uint32_t newest_ = 0;
};

}  // namespace floe::listener
