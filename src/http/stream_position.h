// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Where in a stream a listener is, to the byte. One Floe asks another for it, so that it can go on
// after a break where it stopped:
//
//   request   Floe-Position: ask
//             Floe-Position: <stream>:<offset>    the next byte that is wanted
//   reply     Floe-Position: <stream>:<offset>;preamble=<n>
//                                                 of the first audio, after n bytes of preamble
//
// An offset counts bytes of audio, without ICY blocks. A stream has another id when its offsets
// mean something else. What is asked for and no longer there is answered with another position; a
// reply without one comes of a server that knows nothing of this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace floe::http {

inline constexpr absl::string_view kPositionHeader = "Floe-Position";
inline constexpr uint32_t kStreamIdBytesMax = 64;  // letters, digits, '-'

struct StreamPosition {
  std::string stream;
  uint64_t offset_bytes = 0;
  uint32_t preamble_bytes = 0;  // of a reply

  bool operator==(const StreamPosition&) const = default;
};

// The id of what a process (`instance`) has on a tape, in one of the mount's epochs.
std::string StreamId(uint64_t instance, uint32_t tape, uint32_t epoch);

// The values, out and in. Of a request, nothing is what "ask" is, and whatever else is no position.
std::string PositionToAsk(const StreamPosition& position);
std::optional<StreamPosition> ReadAskedPosition(absl::string_view value);
std::string PositionToSay(const StreamPosition& position);
std::optional<StreamPosition> ReadSaidPosition(absl::string_view value);

}  // namespace floe::http
