// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/adts_framer.h"

#include "audio/framer_state.h"

namespace floe::audio {
namespace {

constexpr size_t kHeaderBytes = 7;
constexpr uint32_t kCrcBytes = 2;
constexpr uint32_t kRawBlockSamples = 1024;

constexpr uint32_t kSampleRates[13] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                       22050, 16000, 12000, 11025, 8000,  7350};
// By channel configuration; 0: the stream says it within, and is taken for stereo by nobody here.
constexpr uint8_t kChannels[8] = {0, 1, 2, 3, 4, 5, 6, 8};

}  // namespace

AdtsFramer::AdtsFramer() : HeaderFramer(kHeaderBytes) {}

AdtsFramer::AdtsFramer(FramerState state)
    : HeaderFramer(kHeaderBytes, state.stats, std::move(state.carry),
                   std::get<State>(state.format).frames) {}

FramerState AdtsFramer::state() const { return {stats(), carry(), State{header_state()}}; }

FrameHeader AdtsFramer::HeaderAt(Bytes window) const {
  const uint64_t bits = BigEndian(window, 0, kHeaderBytes);  // 56 of them, the first at bit 55
  const uint32_t sync = bits >> 44 & 0xfff, layer = bits >> 41 & 3;
  const uint32_t without_crc = bits >> 40 & 1;
  const uint32_t rate_index = bits >> 34 & 15, channel_index = bits >> 30 & 7;
  const uint32_t frame_bytes = bits >> 13 & 0x1fff;
  const uint32_t raw_blocks = 1 + (bits & 3);
  if (sync != 0xfff || layer != 0 || rate_index >= std::size(kSampleRates)) return {};
  // Each raw block holds at least its end mark.
  if (frame_bytes <= kHeaderBytes + (without_crc ? 0 : kCrcBytes)) return {};
  // MPEG version, profile, rate and channels: the fixed header, but for what says nothing of sound.
  const uint32_t version_and_profile = (bits >> 43 & 1) << 2 | (bits >> 38 & 3);
  FrameHeader header{.frame_bytes = frame_bytes, .samples = raw_blocks * kRawBlockSamples};
  header.key = 1u << 31 | version_and_profile << 8 | rate_index << 4 | channel_index;
  header.parameters = {.codec = Codec::kAac,
                       .sample_rate_hz = kSampleRates[rate_index],
                       .channels = kChannels[channel_index]};
  return header;
}

}  // namespace floe::audio
