// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/slot.h"
#include "config/config.h"

namespace floe::shard {

// Below this a zero-copy send costs more than the copy it saves: pinning, and a second completion.
inline constexpr uint32_t kZeroCopyBytesMin = 8 * 1024;

// ZeroCopy says which sends are made without copying. Whether that works depends on the route: a
// real interface takes the pages as they are, loopback copies them all the same. So in "auto" a
// listener's first large send is made zero-copy with the kernel asked to report; if it copied, all
// later ones are plain.
//
// Lifetime  of its shard; an entry a listener, by slot.
// Threads   One.
class ZeroCopy {
 public:
  explicit ZeroCopy(config::Fanout::ZeroCopy mode) : mode_(mode) {}

  void SetMode(config::Fanout::ZeroCopy mode) { mode_ = mode; }

  // A new listener has the slot. Noted in every mode, since "auto" may come later.
  void Begin(ListenerSlot slot) {
    if (Index(slot) >= is_copied_.size()) is_copied_.resize(Index(slot) + kGrowBy);
    is_copied_[Index(slot)] = false;
  }
  bool Wants(ListenerSlot slot, uint32_t bytes) const {
    switch (mode_) {
      case config::Fanout::ZeroCopy::kOff: return false;
      case config::Fanout::ZeroCopy::kOn: return true;
      case config::Fanout::ZeroCopy::kAuto:
        return bytes >= kZeroCopyBytesMin && !is_copied_[Index(slot)];
    }
    return false;
  }
  // What the kernel's notice reported.
  void Learn(ListenerSlot slot, bool was_copied) {
    ++notices_;
    copied_ += was_copied;
    if (was_copied) is_copied_[Index(slot)] = true;
  }

  // Sends made this way so far, and those that the kernel copied all the same.
  uint64_t notices() const { return notices_; }
  uint64_t copied() const { return copied_; }

 private:
  static constexpr size_t kGrowBy = 1024;
  config::Fanout::ZeroCopy mode_;
  std::vector<bool> is_copied_;
  uint64_t notices_ = 0;
  uint64_t copied_ = 0;
};

}  // namespace floe::shard
