// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audio/bits.h"
#include "audio/framer.h"

namespace floe::audio {

inline constexpr size_t kWebmVideoTracksMax = 8;  // of which a keyframe is looked for
inline constexpr uint64_t kTimestampScaleMaxNs = 1'000'000'000;

// WebmHeader is what a stream's Info, Tracks and Tags say.
struct WebmHeader {
  uint64_t timestamp_scale_ns = 1'000'000;  // of one unit of time
  Parameters parameters;                    // of the first audio track
  std::vector<uint64_t> video_tracks;       // their numbers; at most kWebmVideoTracksMax
  bool has_tracks = false;
  std::string info_title;         // of the whole stream
  std::string artist, tag_title;  // of what plays

  bool operator==(const WebmHeader&) const = default;

  // Each reads the element's body over what is known.
  void ReadInfo(Bytes body);
  void ReadTracks(Bytes body);
  void ReadTags(Bytes body);

  std::string Title() const;
};

// A block's first bytes: which track, when (in units, from its Cluster's time), and its flags.
struct WebmBlock {
  bool is_read = false;  // false: torn or no block
  uint64_t track = 0;
  int16_t time = 0;
  bool is_keyframe = false;  // of a SimpleBlock only
};
WebmBlock ReadWebmBlock(Bytes body);
inline constexpr size_t kWebmBlockHeaderBytesMax = 8 + 2 + 1;

}  // namespace floe::audio
