// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What every framer must hold to, whatever it is fed. A broken check ends the process.
#pragma once

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "audio/crc.h"
#include "base/check.h"
#include "unit/audio/recorder.h"

namespace floe::audio {

inline bool IsSame(const FramerStats& a, const FramerStats& b) {
  return a.frames == b.frames && a.garbage_bytes == b.garbage_bytes && a.resyncs == b.resyncs &&
         a.played == b.played && a.audio_bytes == b.audio_bytes;
}

// Feeds `bytes` in several ways and compares; the Recorder checks the order of calls.
inline Outcome CheckFramer(absl::string_view content_type, absl::string_view bytes) {
  Outcome whole = FeedAll(content_type, bytes);
  const uint32_t seed = 1 + OggCrc32(0, AsBytes(bytes)) % 1000;
  const Arrival arrivals[] = {{Arrival::Way::kByteByByte},
                              {Arrival::Way::kRandomPieces, seed, 1 + seed},
                              {Arrival::Way::kRandomPieces, seed, 1 + seed, AsItIs}};
  for (const Arrival& arrival : arrivals) {
    const Outcome again = FeedAll(content_type, bytes, arrival);
    FLOE_CHECK(again.heard.events == whole.heard.events);
    FLOE_CHECK(IsSame(again.stats, whole.stats));
  }
  FLOE_CHECK(!whole.heard.has_open_bytes());
  FLOE_CHECK(IsSubsequence(whole.heard.published, bytes));
  FLOE_CHECK(whole.heard.published.size() + whole.stats.garbage_bytes <= bytes.size());
  FLOE_CHECK(whole.stats.audio_bytes <= whole.heard.published.size());
  FLOE_CHECK(whole.stats.played == whole.heard.played);
  return whole;
}

// Who joins late is sent nothing that a framer would drop, up to what a torn end leaves open.
inline void CheckJoins(absl::string_view content_type, const Outcome& whole) {
  constexpr size_t kJoinsMax = 4;  // of each input, spread over it
  const size_t joins = whole.heard.joins.size();
  for (size_t i = 0; i < joins; i += 1 + joins / kJoinsMax) {
    const std::string joined = whole.heard.JoinedAt(i);
    const Outcome late = FeedAll(content_type, joined);
    FLOE_CHECK(absl::StartsWith(joined, late.heard.published));
  }
}

}  // namespace floe::audio
