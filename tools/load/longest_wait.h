// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace floe::tools {

// LongestWait is the longest time in which a listener got nothing: between two receives that
// brought audio. Only of use for who is read when something comes.
//
// Units     nanoseconds of the clock.
// Threads   One.
class LongestWait {
 public:
  // A life of the listener begins; what it receives before `settled_at_ns` does not count. The
  // time between two lives is no wait.
  void BeginLife(int64_t settled_at_ns) {
    settled_at_ns_ = settled_at_ns;
    heard_at_ns_ = 0;
  }

  // Waits are counted anew. One that has begun goes on, and belongs to the window it ends in.
  void BeginWindow() { longest_ns_ = 0; }

  void Hear(int64_t now_ns) {
    if (now_ns < settled_at_ns_) return;
    if (heard_at_ns_ != 0) longest_ns_ = std::max(longest_ns_, now_ns - heard_at_ns_);
    heard_at_ns_ = now_ns;
  }

  // 0: there was none yet. A wait that nothing has ended is not in it.
  int64_t longest_ns() const { return longest_ns_; }

 private:
  int64_t settled_at_ns_ = 0;
  int64_t heard_at_ns_ = 0;  // last; 0: not in this life, or not since it settled
  int64_t longest_ns_ = 0;
};

}  // namespace floe::tools
