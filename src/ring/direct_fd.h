// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/check.h"
#include "base/slot.h"
#include "ring/ring.h"

namespace floe::ring {

// DirectFd owns one slot of a ring's direct-descriptor table. Closing is an SQE, so the destructor
// neither blocks nor fails; the slot is free again once the kernel has taken it.
class DirectFd {
 public:
  DirectFd(Ring& ring, FdSlot slot) : ring_(&ring), slot_(slot) {}
  DirectFd(DirectFd&& other) noexcept
      : ring_(std::exchange(other.ring_, nullptr)), slot_(other.slot_) {}
  DirectFd& operator=(DirectFd&&) = delete;
  ~DirectFd() {
    if (ring_ != nullptr) ring_->QueueClose(slot_);
  }

  FdSlot slot() const { return slot_; }

  // Gives the slot away unclosed: how a socket becomes a listener's.
  [[nodiscard]] FdSlot Release() && {
    FLOE_CHECK(ring_ != nullptr);
    ring_ = nullptr;
    return slot_;
  }

 private:
  Ring* ring_;  // null once moved from or released
  FdSlot slot_;
};

}  // namespace floe::ring
