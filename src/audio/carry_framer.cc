// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/carry_framer.h"

#include <algorithm>

#include "base/check.h"
#include "base/state_check.h"

namespace floe::audio {

absl::Status CarryFramer::Check(const Carry& carry) {
  StateCheck check("bytes carried over");
  check.AtMost("the number wanted", carry.want_bytes, kCarryBytesMax);
  check.That(carry.bytes.size() < carry.want_bytes, "there are as many as are wanted");
  return std::move(check).status();
}

void CarryFramer::Feed(Bytes bytes, Output& out) {
  while (!bytes.empty()) {
    if (carry_.bytes.empty()) {
      const size_t took = TakeAll(bytes, out);
      carry_.bytes.assign(bytes.begin() + static_cast<ptrdiff_t>(took), bytes.end());
      return;
    }
    const size_t old = carry_.bytes.size();
    const size_t more = std::min(bytes.size(), carry_.want_bytes - old);
    carry_.bytes.insert(carry_.bytes.end(), bytes.begin(),
                        bytes.begin() + static_cast<ptrdiff_t>(more));
    if (carry_.bytes.size() < carry_.want_bytes) return;
    const size_t took = TakeAll(carry_.bytes, out);
    if (took >= old) {
      // What is left of the carry came with these bytes: go on where they were received.
      carry_.bytes.clear();
      bytes = bytes.subspan(took - old);
    } else {
      carry_.bytes.erase(carry_.bytes.begin(), carry_.bytes.begin() + static_cast<ptrdiff_t>(took));
      bytes = bytes.subspan(more);
    }
  }
}

void CarryFramer::End(Output& out) {
  // A step may have asked for more than it came to need.
  const size_t took = TakeAll(carry_.bytes, out);
  Finish(Bytes(carry_.bytes).subspan(took), out);
  carry_.bytes.clear();
}

size_t CarryFramer::TakeAll(Bytes window, Output& out) {
  size_t at = 0;
  while (at < window.size()) {
    const size_t took = Take(window.subspan(at), out);
    if (took == 0) {
      FLOE_CHECK(carry_.want_bytes > window.size() - at && carry_.want_bytes <= kCarryBytesMax);
      break;
    }
    at += took;
    FLOE_CHECK(at <= window.size());
  }
  return at;
}

}  // namespace floe::audio
