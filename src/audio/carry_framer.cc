// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/carry_framer.h"

#include <algorithm>

#include "base/check.h"

namespace floe::audio {

void CarryFramer::Feed(Bytes bytes, Output& out) {
  while (!bytes.empty()) {
    if (carry_.empty()) {
      const size_t took = TakeAll(bytes, out);
      carry_.assign(bytes.begin() + static_cast<ptrdiff_t>(took), bytes.end());
      return;
    }
    const size_t old = carry_.size();
    const size_t more = std::min(bytes.size(), want_ - old);
    carry_.insert(carry_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(more));
    if (carry_.size() < want_) return;
    const size_t took = TakeAll(carry_, out);
    if (took >= old) {
      // What is left of the carry came with these bytes: go on where they were received.
      carry_.clear();
      bytes = bytes.subspan(took - old);
    } else {
      carry_.erase(carry_.begin(), carry_.begin() + static_cast<ptrdiff_t>(took));
      bytes = bytes.subspan(more);
    }
  }
}

void CarryFramer::End(Output& out) {
  // A step may have asked for more than it came to need.
  const size_t took = TakeAll(carry_, out);
  Finish(Bytes(carry_).subspan(took), out);
  carry_.clear();
}

size_t CarryFramer::TakeAll(Bytes window, Output& out) {
  size_t at = 0;
  while (at < window.size()) {
    const size_t took = Take(window.subspan(at), out);
    if (took == 0) {
      FLOE_CHECK(want_ > window.size() - at && want_ <= kCarryBytesMax);
      break;
    }
    at += took;
    FLOE_CHECK(at <= window.size());
  }
  return at;
}

}  // namespace floe::audio
