// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mount/mount.h"

namespace floe::listener {

// What keys of intros begin with, and links do not.
inline constexpr uint32_t kIntroBit = 1u << 31;

// HeldPreambles are the preambles of a mount's links that listeners of this shard are being sent,
// and those of the latest links, so that a rush of joins asks the mount once. Intros are held here
// as well: they are bytes before the audio like those, by keys of their own.
//
// Lifetime  of its view. A preamble stays where it is while a listener holds its link.
// Threads   One: the shard that owns it. TryHold of a link not yet known takes the mount's lock.
// Failure   TryHold answers false when the mount no longer keeps the preamble.
class HeldPreambles {
 public:
  [[nodiscard]] bool TryHold(const mount::Mount& mount, uint32_t link);
  // The key of an intro, which is held by one more. The same bytes have the same key.
  [[nodiscard]] uint32_t HoldIntro(const mount::PreambleRef& intro);
  // An intro of that key, which another process held, is there: it is held by one more.
  [[nodiscard]] bool TryHoldIntro(uint32_t key);
  void Release(uint32_t link);
  // Those that listeners are in the middle of.
  std::vector<uint32_t> HeldLinks() const;
  // Knows the preamble again, of a link that the mount may no longer keep.
  void Restore(uint32_t link, std::span<const std::byte> bytes);

  // REQUIRES: held.
  std::span<const std::byte> BytesOf(uint32_t link) const;

 private:
  struct HeldPreamble {
    uint32_t link;
    uint32_t holders;
    mount::PreambleRef preamble;
  };
  size_t IndexOf(uint32_t link) const;  // size() when it is not held
  void Add(uint32_t link, mount::PreambleRef preamble);
  void ForgetOldest();

  std::vector<HeldPreamble> preambles_;  // in the order in which they were asked for
};

}  // namespace floe::listener
