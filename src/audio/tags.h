// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "audio/bits.h"

namespace floe::audio {

// A tag that claims more is taken for garbage: a wrong size would silence a source for that long.
inline constexpr uint32_t kTagBytesMax = 16 * 1024 * 1024;

// What stands at the front of some bytes.
struct TagSight {
  enum class Kind : uint8_t {
    kNone,  // no tag
    kMore,  // can be said once `bytes` bytes are seen
    kTag,   // a tag of `bytes` bytes, headers and footers included
  };
  Kind kind = Kind::kNone;
  uint32_t bytes = 0;
};

// Whether an ID3v2, ID3v1 or APE tag begins at the front of `window`. Files that are streamed one
// after the other carry them between the frames; a player that is fed one may crackle.
TagSight LookForTag(Bytes window);

}  // namespace floe::audio
