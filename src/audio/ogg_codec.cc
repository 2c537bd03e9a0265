// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/ogg_codec.h"

#include <algorithm>

#include "audio/flac_header.h"

namespace floe::audio {
namespace {

constexpr absl::string_view kVorbisIdent("\x01vorbis", 7);
constexpr absl::string_view kVorbisComment("\x03vorbis", 7);
constexpr absl::string_view kOpusIdent("OpusHead", 8);
constexpr absl::string_view kOpusComment("OpusTags", 8);
constexpr absl::string_view kFlacIdent(
    "\x7f"
    "FLAC",
    5);
constexpr absl::string_view kSpeexIdent("Speex   ", 8);
constexpr absl::string_view kTheoraIdent("\x80theora", 7);
constexpr absl::string_view kTheoraComment("\x81theora", 7);

constexpr uint64_t kOpusRate = 48000;
constexpr uint64_t kOpusPacketUnitsMax = kOpusRate * 120 / 1000;  // RFC 6716 allows 120 ms
constexpr uint32_t kSpeexExtraHeadersMax = 16;
constexpr uint64_t kSpeexFrameUnitsMax = 640 * 4;
constexpr uint64_t kSpeexFramesMax = 255;

OggCodec Vorbis(Bytes packet) {
  if (packet.size() < 30) return {};
  const int32_t nominal_bps = static_cast<int32_t>(LittleEndian(packet, 20, 4));
  OggCodec codec;
  codec.parameters = {.codec = Codec::kVorbis,
                      .bitrate_bps = static_cast<uint32_t>(std::max(nominal_bps, 0)),
                      .sample_rate_hz = static_cast<uint32_t>(LittleEndian(packet, 12, 4)),
                      .channels = U8(packet, 11)};
  codec.header_packets = 3;
  codec.rate = codec.parameters.sample_rate_hz;
  codec.packet_units_max = (uint64_t{1} << (U8(packet, 28) >> 4)) / 2;  // half the long block
  return codec;
}

OggCodec Opus(Bytes packet) {
  if (packet.size() < 19) return {};
  OggCodec codec;
  codec.parameters = {.codec = Codec::kOpus,
                      .sample_rate_hz = static_cast<uint32_t>(kOpusRate),
                      .channels = U8(packet, 9)};
  codec.header_packets = 2;
  codec.rate = kOpusRate;
  codec.packet_units_max = kOpusPacketUnitsMax;
  codec.first_unit = LittleEndian(packet, 10, 2);
  return codec;
}

// "\x7fFLAC", version 1.x, number of header packets behind this one, "fLaC", STREAMINFO.
OggCodec Flac(Bytes packet) {
  constexpr size_t kBlockAt = 13;
  if (packet.size() < kBlockAt || U8(packet, 5) != 1) return {};
  const FlacStreamInfo info = ReadFlacStreamInfo(packet.subspan(kBlockAt));
  if (info.sample_rate_hz == 0) return {};
  const uint32_t more = static_cast<uint32_t>(BigEndian(packet, 7, 2));
  OggCodec codec;
  codec.parameters = {
      .codec = Codec::kFlac, .sample_rate_hz = info.sample_rate_hz, .channels = info.channels};
  codec.header_packets = more > 0 ? more + 1 : info.is_last ? 1 : 0;
  codec.rate = info.sample_rate_hz;
  codec.packet_units_max = info.block_samples_max;
  return codec;
}

OggCodec Speex(Bytes packet) {
  if (packet.size() < 72) return {};
  const int32_t bitrate_bps = static_cast<int32_t>(LittleEndian(packet, 52, 4));
  const uint64_t frame_units = std::min(LittleEndian(packet, 56, 4), kSpeexFrameUnitsMax);
  const uint64_t frames = std::clamp<uint64_t>(LittleEndian(packet, 64, 4), 1, kSpeexFramesMax);
  const uint32_t extra_headers = static_cast<uint32_t>(LittleEndian(packet, 68, 4));
  OggCodec codec;
  codec.parameters = {.codec = Codec::kSpeex,
                      .bitrate_bps = static_cast<uint32_t>(std::max(bitrate_bps, 0)),
                      .sample_rate_hz = static_cast<uint32_t>(LittleEndian(packet, 36, 4)),
                      .channels = static_cast<uint32_t>(LittleEndian(packet, 48, 4))};
  codec.header_packets = 2 + std::min(extra_headers, kSpeexExtraHeadersMax);
  codec.rate = codec.parameters.sample_rate_hz;
  codec.packet_units_max = frame_units * frames;
  return codec;
}

OggCodec Theora(Bytes packet) {
  constexpr uint32_t kCountsFromOne = 0x030201;  // the version from which pictures count so
  if (packet.size() < 42) return {};
  OggCodec codec;
  codec.parameters = {.codec = Codec::kTheora,
                      .bitrate_bps = static_cast<uint32_t>(BigEndian(packet, 37, 3))};
  codec.header_packets = 3;
  codec.rate = BigEndian(packet, 22, 4);
  codec.per = BigEndian(packet, 26, 4);
  codec.packet_units_max = 1;
  codec.granule_shift = (U8(packet, 40) & 3) << 3 | U8(packet, 41) >> 5;
  codec.counts_from_zero = BigEndian(packet, 7, 3) < kCountsFromOne;
  return codec;
}

uint64_t OpusPacketUnits(Bytes packet) {
  if (packet.empty()) return 0;
  constexpr uint64_t kMs = kOpusRate / 1000;
  const uint32_t config = U8(packet, 0) >> 3, frames_code = U8(packet, 0) & 3;
  uint64_t frame_units;
  if (config < 12) {  // SILK: 10, 20, 40, 60 ms
    constexpr uint64_t kSilk[4] = {10 * kMs, 20 * kMs, 40 * kMs, 60 * kMs};
    frame_units = kSilk[config & 3];
  } else if (config < 16) {  // both: 10, 20 ms
    frame_units = (config & 1) != 0 ? 20 * kMs : 10 * kMs;
  } else {  // CELT: 2.5, 5, 10, 20 ms
    frame_units = (kOpusRate / 400) << (config & 3);
  }
  uint64_t frames = frames_code == 0 ? 1 : 2;
  if (frames_code == 3) frames = packet.size() < 2 ? 0 : U8(packet, 1) & 0x3f;
  return std::min(frame_units * frames, kOpusPacketUnitsMax);
}

}  // namespace

OggCodec IdentifyOggCodec(Bytes packet) {
  if (StartsWith(packet, kVorbisIdent)) return Vorbis(packet);
  if (StartsWith(packet, kOpusIdent)) return Opus(packet);
  if (StartsWith(packet, kFlacIdent)) return Flac(packet);
  if (StartsWith(packet, kSpeexIdent)) return Speex(packet);
  if (StartsWith(packet, kTheoraIdent)) return Theora(packet);
  return {};
}

uint64_t UnitsAt(const OggCodec& codec, int64_t granule) {
  const uint64_t bits = static_cast<uint64_t>(granule);
  if (codec.codec() != Codec::kTheora) return bits;
  const uint64_t since_key = bits & ((uint64_t{1} << codec.granule_shift) - 1);
  return (bits >> codec.granule_shift) + since_key + (codec.counts_from_zero ? 1 : 0);
}

uint64_t UnitsOfPacket(const OggCodec& codec, Bytes packet) {
  return codec.codec() == Codec::kOpus ? OpusPacketUnits(packet) : codec.packet_units_max;
}

bool IsLastFlacHeader(Bytes packet) {
  // An audio frame instead begins with 0xff, and is no header any more.
  return !packet.empty() && (U8(packet, 0) & 0x80) != 0;
}

bool IsTheoraKeyframe(Bytes packet) {
  constexpr uint8_t kIsHeader = 0x80, kIsInter = 0x40;
  return !packet.empty() && (U8(packet, 0) & (kIsHeader | kIsInter)) == 0;
}

Bytes CommentsOf(const OggCodec& codec, Bytes packet) {
  const auto behind = [packet](absl::string_view word) {
    return StartsWith(packet, word) ? packet.subspan(word.size()) : Bytes();
  };
  switch (codec.codec()) {
    case Codec::kVorbis: return behind(kVorbisComment);
    case Codec::kOpus: return behind(kOpusComment);
    case Codec::kTheora: return behind(kTheoraComment);
    case Codec::kSpeex: return StartsWith(packet, kSpeexIdent) ? Bytes() : packet;
    case Codec::kFlac:
      if (packet.size() < kFlacBlockHeaderBytes) return {};
      return (U8(packet, 0) & 0x7f) == kFlacVorbisComment ? packet.subspan(kFlacBlockHeaderBytes)
                                                          : Bytes();
    default: return {};
  }
}

}  // namespace floe::audio
