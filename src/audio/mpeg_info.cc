// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/mpeg_info.h"

#include <algorithm>

#include "absl/strings/string_view.h"

namespace floe::audio {

bool IsMpegInfoFrame(Bytes frame) {
  constexpr size_t kHeaderBytes = 4, kSumBytes = 2, kVbriAt = 36;
  if (frame.size() < kHeaderBytes) return false;
  const bool is_mpeg1 = (U8(frame, 1) >> 3 & 3) == 3;
  const bool is_mono = U8(frame, 3) >> 6 == 3;
  const size_t side_bytes = is_mpeg1 ? (is_mono ? 17 : 32) : (is_mono ? 9 : 17);
  const auto says = [&frame](size_t at, absl::string_view word) {
    return frame.size() >= at && StartsWith(frame.subspan(at), word);
  };
  // Some count the checksum in, where there is one, and some do not.
  const size_t at = kHeaderBytes + side_bytes;
  return says(at, "Xing") || says(at, "Info") || says(at + kSumBytes, "Xing") ||
         says(at + kSumBytes, "Info") || says(kVbriAt, "VBRI");
}

}  // namespace floe::audio
