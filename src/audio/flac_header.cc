// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/flac_header.h"

#include "audio/crc.h"

namespace floe::audio {
namespace {

using Kind = FlacFrameHeader::Kind;

constexpr FlacFrameHeader kNoFrame{};

// What the codes of the third and fourth byte stand for; 0: the code needs a look elsewhere.
constexpr uint32_t kSampleRates[12] = {0,     88200, 176400, 192000, 8000,  16000,
                                       22050, 24000, 32000,  44100,  48000, 96000};
constexpr uint32_t kSampleBits[8] = {0, 8, 12, 0, 16, 20, 24, 32};
constexpr uint32_t kStereoCodesMin = 8, kStereoCodesMax = 10;  // left/side, side/right, mid/side
constexpr uint32_t kBitsReserved = 3, kRateReserved = 15;

size_t SamplesCodeBytes(uint32_t code) { return code == 6 ? 1 : code == 7 ? 2 : 0; }
size_t RateCodeBytes(uint32_t code) { return code == 12 ? 1 : code == 13 || code == 14 ? 2 : 0; }

uint32_t SamplesOf(uint32_t code, uint64_t behind) {
  if (code == 1) return 192;
  if (code <= 5) return 576u << (code - 2);
  if (code <= 7) return static_cast<uint32_t>(behind) + 1;
  return 256u << (code - 8);
}

uint32_t RateOf(uint32_t code, uint64_t behind, uint32_t declared) {
  if (code == 0) return declared;
  if (code < 12) return kSampleRates[code];
  return static_cast<uint32_t>(behind * (code == 12 ? 1000 : code == 13 ? 1 : 10));
}

// The number is written as UTF-8 writes a character, in up to seven bytes. 0: no such number.
size_t NumberBytes(uint8_t lead) {
  if (lead < 0x80) return 1;
  size_t bytes = 0;
  while (bytes < 8 && (lead << bytes & 0x80) != 0) ++bytes;
  return bytes >= 2 && bytes <= 7 ? bytes : 0;
}

// False where a byte that should continue the number does not.
bool ReadNumber(Bytes bytes, uint64_t* number) {
  const size_t count = bytes.size();
  *number = count == 1 ? U8(bytes, 0) : U8(bytes, 0) & (0x7fu >> count);
  for (size_t i = 1; i < count; ++i) {
    if ((U8(bytes, i) & 0xc0) != 0x80) return false;
    *number = *number << 6 | (U8(bytes, i) & 0x3f);
  }
  return true;
}

// The four fixed bytes, which a chance run of bytes seldom gets right.
bool IsFixedPartRight(Bytes window, const FlacStreamInfo& info) {
  const uint32_t samples_code = U8(window, 2) >> 4, rate_code = U8(window, 2) & 15;
  const uint32_t channels_code = U8(window, 3) >> 4, bits_code = U8(window, 3) >> 1 & 7;
  if (samples_code == 0 || rate_code == kRateReserved || bits_code == kBitsReserved) return false;
  if ((U8(window, 3) & 1) != 0) return false;
  const bool is_stereo = channels_code >= kStereoCodesMin && channels_code <= kStereoCodesMax;
  if (channels_code > kStereoCodesMax) return false;
  if (info.channels != (is_stereo ? 2 : channels_code + 1)) return false;
  return bits_code == 0 || kSampleBits[bits_code] == info.sample_bits;
}

}  // namespace

FlacStreamInfo ReadFlacStreamInfo(Bytes block) {
  if (block.size() < kFlacBlockHeaderBytes + kFlacStreamInfoBytes) return {};
  if ((U8(block, 0) & ~kFlacLastBlock) != kFlacStreamInfo) return {};
  if (BigEndian(block, 1, 3) != kFlacStreamInfoBytes) return {};
  // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of length.
  const uint64_t packed = BigEndian(block, kFlacBlockHeaderBytes + 10, 8);
  FlacStreamInfo info;
  info.sample_rate_hz = static_cast<uint32_t>(packed >> 44);
  info.channels = static_cast<uint32_t>(packed >> 41 & 7) + 1;
  info.sample_bits = static_cast<uint32_t>(packed >> 36 & 31) + 1;
  info.block_samples_max = static_cast<uint32_t>(BigEndian(block, kFlacBlockHeaderBytes + 2, 2));
  info.is_last = (U8(block, 0) & kFlacLastBlock) != 0;
  if (info.block_samples_max == 0) info.block_samples_max = 0xffff;
  return info;
}

FlacFrameHeader ReadFlacFrameHeader(Bytes window, const FlacStreamInfo& info) {
  constexpr uint8_t kSecondByte = 0xf8;  // the rest of the sync code; its lowest bit is a flag
  constexpr size_t kFixedBytes = 5;      // with the first byte of the number
  if (U8(window, 0) != 0xff) return kNoFrame;
  if (window.size() >= 2 && (U8(window, 1) & ~1) != kSecondByte) return kNoFrame;
  if (window.size() >= 4 && !IsFixedPartRight(window, info)) return kNoFrame;
  if (window.size() < kFixedBytes) return {Kind::kMore, kFixedBytes};

  const uint32_t samples_code = U8(window, 2) >> 4, rate_code = U8(window, 2) & 15;
  const size_t samples_bytes = SamplesCodeBytes(samples_code);
  const size_t rate_bytes = RateCodeBytes(rate_code);
  const size_t number_bytes = NumberBytes(U8(window, 4));
  if (number_bytes == 0) return kNoFrame;
  const size_t samples_at = 4 + number_bytes;
  const size_t crc_at = samples_at + samples_bytes + rate_bytes;
  if (window.size() < crc_at + 1) return {Kind::kMore, static_cast<uint8_t>(crc_at + 1)};

  FlacFrameHeader header{Kind::kFrame, static_cast<uint8_t>(crc_at + 1)};
  header.is_variable = (U8(window, 1) & 1) != 0;
  header.samples = SamplesOf(samples_code, BigEndian(window, samples_at, samples_bytes));
  const uint64_t rate_behind = BigEndian(window, samples_at + samples_bytes, rate_bytes);
  if (RateOf(rate_code, rate_behind, info.sample_rate_hz) != info.sample_rate_hz) return kNoFrame;
  if (header.samples > info.block_samples_max) return kNoFrame;
  if (!ReadNumber(window.subspan(4, number_bytes), &header.number)) return kNoFrame;
  if (FlacCrc8(0, window.first(crc_at + 1)) != 0) return kNoFrame;
  return header;
}

}  // namespace floe::audio
