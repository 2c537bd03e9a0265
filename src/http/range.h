// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a Range means where there is no size. A live stream has no byte 5000 to resume from, so a
// Range is ignored, which HTTP allows, and the answer is a plain 200; with one exception. Apple's
// players open a first connection with "bytes=0-1" to learn the type, and close it as soon as they
// know. Given the whole stream they would be counted as a listener, sent a burst, and be gone. They
// are given exactly two bytes of a "206 Content-Range: bytes 0-1/*" instead (the size of a live
// stream is not known) and are nobody's listener.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "http/request.h"

namespace floe::http {

inline constexpr uint32_t kRangeProbeBytes = 2;

enum class RangeAnswer : uint8_t {
  kWhole,  // 200 and the stream
  kProbe,  // 206 and kRangeProbeBytes, not a listener
};
RangeAnswer AnswerToRange(const Request& request);

}  // namespace floe::http
