// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace floe::tools {

// One MPEG audio layer III frame, as its four header bytes describe it.
struct MpegHeader {
  uint32_t frame_bytes;
  uint32_t samples;
  uint32_t sample_rate;
  uint32_t side_info_bytes;  // between the header and the main data
  bool has_crc;

  static constexpr uint32_t kBytes = 4;

  // Nothing when the bytes are no layer III header (free format is not taken for one).
  // REQUIRES: bytes.size() >= kBytes.
  static std::optional<MpegHeader> Decode(absl::string_view bytes);
};

// The bitrate index of MPEG-1 layer III, or 0 when there is no such bitrate.
uint32_t MpegBitrateIndex(uint32_t kbps);

}  // namespace floe::tools
