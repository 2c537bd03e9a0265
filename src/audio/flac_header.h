// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "audio/bits.h"

namespace floe::audio {

inline constexpr size_t kFlacBlockHeaderBytes = 4;  // of a metadata block: kind, length
inline constexpr size_t kFlacStreamInfoBytes = 34;
inline constexpr size_t kFlacFrameHeaderBytesMax = 16;
inline constexpr uint32_t kFlacChannelsMax = 8;
inline constexpr uint32_t kFlacSampleBitsMax = 32;
inline constexpr uint32_t kFlacBlockSamplesMax = 1u << 16;
inline constexpr uint8_t kFlacStreamInfo = 0;  // kinds of metadata blocks
inline constexpr uint8_t kFlacVorbisComment = 4;
inline constexpr uint8_t kFlacLastBlock = 0x80;  // set in the kind of the last block

// FlacStreamInfo is the first metadata block.
struct FlacStreamInfo {
  uint32_t sample_rate_hz = 0;  // 0: this is no STREAMINFO
  uint32_t channels = 0;
  uint32_t sample_bits = 0;
  uint32_t block_samples_max = 0;
  bool is_last = false;  // no other metadata block follows

  bool operator==(const FlacStreamInfo&) const = default;
};

// `block` begins with the block's header.
FlacStreamInfo ReadFlacStreamInfo(Bytes block);

// FlacFrameHeader is what a frame says of itself.
struct FlacFrameHeader {
  enum class Kind : uint8_t {
    kNone,  // no frame of this stream
    kMore,  // can be said once header_bytes bytes are seen
    kFrame,
  };
  Kind kind = Kind::kNone;
  uint8_t header_bytes = 0;
  bool is_variable = false;  // `number` counts samples instead of frames
  uint32_t samples = 0;
  uint64_t number = 0;

  bool operator==(const FlacFrameHeader&) const = default;
};

// Whether a frame header stands at the front of `window` whose checksum is right and which agrees
// with the stream's `info`.
FlacFrameHeader ReadFlacFrameHeader(Bytes window, const FlacStreamInfo& info);

}  // namespace floe::audio
