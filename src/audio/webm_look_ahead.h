// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "audio/ebml.h"

namespace floe::audio {

// How far into a Cluster its first picture is looked for.
inline constexpr size_t kWebmLookAheadBytesMax = 256 * 1024;
inline constexpr int kWebmLookAheadElementsMax = 64;

// Whether a listener may begin at a Cluster.
struct WebmAhead {
  enum class Kind : uint8_t {
    kNo,
    kYes,
    kMore,  // can be said once `bytes` bytes are seen
  };
  Kind kind = Kind::kNo;
  size_t bytes = 0;
};

// Whether the first picture of the Cluster at the front of `window` is a keyframe. Where there are
// no pictures at all (no video tracks) every Cluster will do; a Cluster without a picture, or whose
// first one is too far away, will not.
WebmAhead LookForKeyframe(Bytes window, const ElementHeader& cluster,
                          std::span<const uint64_t> video_tracks);

}  // namespace floe::audio
