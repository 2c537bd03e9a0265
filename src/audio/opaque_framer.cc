// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/opaque_framer.h"

#include <algorithm>

namespace floe::audio {

void OpaqueFramer::Feed(std::span<const std::byte> bytes, Output& out) {
  if (bytes.empty()) return;
  const Instant now = clock_();
  if (!last_fed_) out.Found({.codec = Codec::kOpaque});
  const auto since = now - last_fed_.value_or(now);
  const microseconds played =
      std::max(std::chrono::duration_cast<microseconds>(since), microseconds(0));
  // What is below a microsecond is left for the next piece.
  last_fed_ = last_fed_.value_or(now) + played;
  stats_.frames += 1;
  stats_.audio_bytes += bytes.size();
  stats_.played += played;
  out.SyncPoint(/*needs_preamble=*/false);
  out.Append(bytes);
  out.Boundary(played);
}

}  // namespace floe::audio
