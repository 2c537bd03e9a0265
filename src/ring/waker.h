// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>

#include <memory>

#include "absl/status/statusor.h"
#include "ring/token.h"

namespace floe::ring {

// Waker wakes rings from a thread that has none of its own: workers, and the main thread.
//
// Lifetime  of its thread.
// Threads   The one that created it.
// Failure   A ring that is gone cannot be woken; Wake answers false.
class Waker {
 public:
  static absl::StatusOr<std::unique_ptr<Waker>> Create();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  bool Wake(int target_ring_fd, Token token);

 private:
  Waker() = default;
  io_uring ring_{};
  bool live_ = false;
};

}  // namespace floe::ring
