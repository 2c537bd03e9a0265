// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/signal/mpeg_header.h"

#include <array>

namespace floe::tools {
namespace {

constexpr std::array<uint16_t, 16> kKbpsMpeg1 = {0,   32,  40,  48,  56,  64,  80,  96,
                                                 112, 128, 160, 192, 224, 256, 320, 0};
constexpr std::array<uint16_t, 16> kKbpsMpeg2 = {0,  8,  16, 24,  32,  40,  48,  56,
                                                 64, 80, 96, 112, 128, 144, 160, 0};
constexpr std::array<uint32_t, 3> kRatesMpeg1 = {44100, 48000, 32000};
constexpr uint32_t kVersion25 = 0, kVersion2 = 2, kVersion1 = 3;
constexpr uint32_t kLayer3 = 1;
constexpr uint32_t kMono = 3;

}  // namespace

std::optional<MpegHeader> MpegHeader::Decode(absl::string_view bytes) {
  const auto at = [&](size_t i) { return uint32_t(uint8_t(bytes[i])); };
  if (at(0) != 0xFF || (at(1) & 0xE0) != 0xE0) return std::nullopt;
  const uint32_t version = (at(1) >> 3) & 3;
  const uint32_t layer = (at(1) >> 1) & 3;
  const uint32_t rate_index = (at(2) >> 2) & 3;
  if (version == 1 || layer != kLayer3 || rate_index == 3) return std::nullopt;
  const uint32_t kbps = (version == kVersion1 ? kKbpsMpeg1 : kKbpsMpeg2)[at(2) >> 4];
  if (kbps == 0) return std::nullopt;

  const bool is_mono = (at(3) >> 6) == kMono;
  MpegHeader header;
  header.has_crc = (at(1) & 1) == 0;
  header.sample_rate = kRatesMpeg1[rate_index];
  if (version == kVersion2) header.sample_rate /= 2;
  if (version == kVersion25) header.sample_rate /= 4;
  header.samples = version == kVersion1 ? 1152 : 576;
  header.side_info_bytes = version == kVersion1 ? (is_mono ? 17 : 32) : (is_mono ? 9 : 17);
  header.frame_bytes = header.samples / 8 * kbps * 1000 / header.sample_rate + ((at(2) >> 1) & 1);
  if (header.frame_bytes < kBytes + header.side_info_bytes) return std::nullopt;
  return header;
}

uint32_t MpegBitrateIndex(uint32_t kbps) {
  for (uint32_t i = 1; i < 15; ++i) {
    if (kKbpsMpeg1[i] == kbps) return i;
  }
  return 0;
}

}  // namespace floe::tools
