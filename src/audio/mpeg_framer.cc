// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/mpeg_framer.h"

#include <algorithm>
#include <cstring>

#include "audio/framer_state.h"
#include "base/state_check.h"

namespace floe::audio {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kFreeGuessesMax = 8;   // of a free-format frame's length, before it is given up
constexpr size_t kFreeStepBytes = 256;  // looked through at once for its end

// The two bits of the header that say the version.
enum Version : uint32_t { kMpeg25 = 0, kReserved = 1, kMpeg2 = 2, kMpeg1 = 3 };

// kbit/s by bitrate index 1 to 14; rows: MPEG-1 layers I, II, III, then MPEG-2 I, II and III.
constexpr uint16_t kBitrates[5][14] = {
    {32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
    {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
    {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
    {32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
    {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
};
constexpr uint32_t kSampleRates[3] = {44100, 48000, 32000};  // MPEG-1's

// The fields of a header that is one.
struct Fields {
  bool valid = false;
  uint32_t version, layer;  // layer 1 to 3
  uint32_t bitrate_bps;     // 0: free format
  uint32_t sample_rate_hz;
  uint32_t samples;
  uint32_t padding_bytes;
  uint32_t channels;
  uint32_t key;
};

Fields Parse(Bytes window) {
  Fields f;
  const uint32_t word = static_cast<uint32_t>(BigEndian(window, 0, 4));
  const uint32_t layer_bits = word >> 17 & 3, bitrate_index = word >> 12 & 15;
  const uint32_t rate_index = word >> 10 & 3, emphasis = word & 3;
  f.version = word >> 19 & 3;
  if (word >> 21 != 0x7ff || f.version == kReserved || layer_bits == 0 || bitrate_index == 15 ||
      rate_index == 3 || emphasis == 2) {
    return f;
  }
  f.layer = 4 - layer_bits;
  const bool mpeg1 = f.version == kMpeg1;
  const uint32_t row = mpeg1 ? f.layer - 1 : f.layer == 1 ? 3 : 4;
  f.bitrate_bps = bitrate_index == 0 ? 0 : kBitrates[row][bitrate_index - 1] * 1000u;
  f.sample_rate_hz = kSampleRates[rate_index] >> (mpeg1 ? 0 : f.version == kMpeg2 ? 1 : 2);
  f.samples = f.layer == 1 ? 384 : f.layer == 3 && !mpeg1 ? 576 : 1152;
  f.padding_bytes = (word >> 9 & 1) * (f.layer == 1 ? 4 : 1);
  f.channels = (word >> 6 & 3) == 3 ? 1 : 2;
  f.key = 1u << 31 | f.version << 8 | f.layer << 4 | rate_index << 1 | (bitrate_index == 0);
  f.valid = true;
  return f;
}

Codec CodecOf(uint32_t layer) {
  return layer == 1 ? Codec::kMp1 : layer == 2 ? Codec::kMp2 : Codec::kMp3;
}

// Without padding. Layer I counts in slots of four bytes, and rounds before it multiplies.
uint32_t UnpaddedBytes(const Fields& f) {
  if (f.layer == 1) return 12 * f.bitrate_bps / f.sample_rate_hz * 4;
  return f.samples / 8 * f.bitrate_bps / f.sample_rate_hz;
}

}  // namespace

absl::Status MpegFramer::Check(const State& state) {
  StateCheck check("framer of MPEG audio");
  check.Also(HeaderFramer::Check(state.frames));
  check.AtMost("the length of free-format frames", state.free_bytes, kFreeFormatFrameBytesMax);
  return std::move(check).status();
}

MpegFramer::MpegFramer() : HeaderFramer(kHeaderBytes) {}

MpegFramer::MpegFramer(FramerState state)
    : HeaderFramer(kHeaderBytes, state.stats, std::move(state.carry),
                   std::get<State>(state.format).frames),
      free_bytes_(std::get<State>(state.format).free_bytes) {}

FramerState MpegFramer::state() const {
  return {stats(), carry(), State{header_state(), free_bytes_}};
}

FrameHeader MpegFramer::HeaderAt(Bytes window) const {
  const Fields f = Parse(window);
  if (!f.valid) return {};
  const uint32_t unpadded = f.bitrate_bps == 0 ? free_bytes_ : UnpaddedBytes(f);
  FrameHeader header{.key = f.key, .samples = f.samples};
  header.frame_bytes = unpadded == 0 ? 0 : unpadded + f.padding_bytes;
  header.parameters = {
      .codec = CodecOf(f.layer),
      .bitrate_bps = f.bitrate_bps != 0 ? f.bitrate_bps
                                        : static_cast<uint32_t>(uint64_t{unpadded} * 8 *
                                                                f.sample_rate_hz / f.samples),
      .sample_rate_hz = f.sample_rate_hz,
      .channels = f.channels,
  };
  return header;
}

HeaderFramer::Verdict MpegFramer::Confirm(Bytes window) {
  if (window.size() < kHeaderBytes) {
    Want(kHeaderBytes);
    return Verdict::kMore;
  }
  const Fields first = Parse(window);
  if (!first.valid) return Verdict::kNo;
  return first.bitrate_bps == 0 ? ConfirmFree(window) : HeaderFramer::Confirm(window);
}

// The length of a free-format frame is the distance to the next header like it, if others follow at
// that distance. One more of them than otherwise, since the distance is a guess.
HeaderFramer::Verdict MpegFramer::ConfirmFree(Bytes window) {
  const Fields first = Parse(window);
  const size_t end = kFreeFormatFrameBytesMax + first.padding_bytes + 1;
  size_t guesses = 0;
  for (size_t at = kHeaderBytes + first.padding_bytes + 1; at < end; ++at) {
    const size_t seen = std::min(window.size(), end);
    const void* sync = at < seen ? std::memchr(window.data() + at, 0xff, seen - at) : nullptr;
    if (sync == nullptr && seen == end) return Verdict::kNo;
    at = sync == nullptr ? seen : static_cast<const std::byte*>(sync) - window.data();
    if (window.size() < at + kHeaderBytes) {
      Want(sync == nullptr ? at + kFreeStepBytes : at + kHeaderBytes);
      return Verdict::kMore;
    }
    const Fields second = Parse(window.subspan(at));
    if (!second.valid || second.key != first.key) continue;
    if (++guesses > kFreeGuessesMax) return Verdict::kNo;
    const Verdict verdict = Follow(window, first.key, at - first.padding_bytes);
    if (verdict == Verdict::kNo) continue;
    if (verdict == Verdict::kYes) {
      free_bytes_ = static_cast<uint32_t>(at - first.padding_bytes);
    }
    return verdict;
  }
  return Verdict::kNo;
}

// Whether headers of `key` follow one another when frames have so many bytes and their padding.
HeaderFramer::Verdict MpegFramer::Follow(Bytes window, uint32_t key, size_t unpadded_bytes) {
  size_t at = 0;
  for (int seen = 0; seen < kLockHeaders + 1; ++seen) {
    if (window.size() < at + kHeaderBytes) {
      Want(at + kHeaderBytes);
      return Verdict::kMore;
    }
    const Fields header = Parse(window.subspan(at));
    if (!header.valid || header.key != key) return Verdict::kNo;
    at += unpadded_bytes + header.padding_bytes;
  }
  return Verdict::kYes;
}

}  // namespace floe::audio
