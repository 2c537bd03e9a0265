// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/silence.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace floe::audio {
namespace {

// kbit/s of Layer III by bitrate index, 1 to 14.
constexpr uint32_t kBitrates1[] = {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr uint32_t kBitrates2[] = {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
constexpr uint32_t kMpegRates[] = {44100, 48000, 32000};  // MPEG-1's; halved and quartered
constexpr uint32_t kAacRates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                  22050, 16000, 12000, 11025, 8000,  7350};
constexpr uint32_t kAacFrameSamples = 1024;

absl::Status NoSuch(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("there is no silence built in for it: ", why));
}

// How a sample rate is written in a frame of MPEG audio.
struct MpegRate {
  uint32_t version_bits;  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  uint32_t index;
};
std::optional<MpegRate> MpegRateOf(uint32_t sample_rate_hz) {
  constexpr uint32_t kVersionBits[] = {3, 2, 0};
  for (uint32_t halvings = 0; halvings < 3; ++halvings) {
    for (uint32_t i = 0; i < std::size(kMpegRates); ++i) {
      if (kMpegRates[i] >> halvings == sample_rate_hz) return MpegRate{kVersionBits[halvings], i};
    }
  }
  return std::nullopt;
}

// The bitrate index, 1 to 14, that comes nearest.
uint32_t NearestIndex(bool is_mpeg1, uint32_t bitrate_bps) {
  const uint32_t* first = is_mpeg1 ? std::begin(kBitrates1) : std::begin(kBitrates2);
  const uint32_t* last = is_mpeg1 ? std::end(kBitrates1) : std::end(kBitrates2);
  const auto distance = [bitrate_bps](uint32_t kbps) {
    return std::abs(int64_t{kbps} * 1000 - int64_t{bitrate_bps});
  };
  return 1 + uint32_t(std::min_element(
                          first, last,
                          [&](uint32_t a, uint32_t b) { return distance(a) < distance(b); }) -
                      first);
}

uint32_t BitrateAt(bool is_mpeg1, uint32_t index) {
  return 1000 * (is_mpeg1 ? kBitrates1 : kBitrates2)[index - 1];
}

// A header, and zeros: side information that says that no granule has any data.
std::string MpegFrame(const Parameters& parameters, const MpegRate& rate) {
  const bool is_mpeg1 = rate.version_bits == 3;
  const uint32_t bitrate_index = NearestIndex(is_mpeg1, parameters.bitrate_bps);
  const uint32_t mode = parameters.channels == 1 ? 3 : 0;
  const uint32_t header = 0x7ffu << 21 | rate.version_bits << 19 | 1u << 17 | 1u << 16 |
                          bitrate_index << 12 | rate.index << 10 | mode << 6;
  const uint32_t bytes =
      (is_mpeg1 ? 144 : 72) * BitrateAt(is_mpeg1, bitrate_index) / parameters.sample_rate_hz;
  std::string frame(bytes, '\0');
  for (int i = 0; i < 4; ++i) frame[size_t(i)] = char(header >> (24 - 8 * i) & 0xff);
  return frame;
}

// BitString collects bits, the highest first.
class BitString {
 public:
  void Put(uint32_t value, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      if (used_ % 8 == 0) bytes_.push_back('\0');
      bytes_.back() = char(uint8_t(bytes_.back()) | (value >> bit & 1) << (7 - used_ % 8));
      ++used_;
    }
  }
  size_t bytes() const { return bytes_.size(); }
  const std::string& text() const { return bytes_; }

 private:
  std::string bytes_;
  int used_ = 0;
};

// A channel of which no scale factor band is sent: all of its spectrum is 0.
void PutSilentChannel(BitString& block) {
  block.Put(0, 8);   // global_gain
  block.Put(0, 11);  // ics_info: a long window, and max_sfb 0
  block.Put(0, 3);   // no pulses, no noise shaping, no gain control
}

std::string AdtsFrame(uint32_t rate_index, uint32_t channels) {
  constexpr uint32_t kSingle = 0, kPair = 1, kEnd = 7;
  BitString block;
  block.Put(channels == 1 ? kSingle : kPair, 3);
  block.Put(0, 4);                     // which element of its kind
  if (channels == 2) block.Put(0, 1);  // no common window
  for (uint32_t i = 0; i < channels; ++i) PutSilentChannel(block);
  block.Put(kEnd, 3);

  constexpr uint32_t kHeaderBytes = 7, kLowComplexity = 1;
  BitString header;
  header.Put(0xfff, 12);
  header.Put(1, 4);  // MPEG-4, no checksum
  header.Put(kLowComplexity, 2);
  header.Put(rate_index, 4);
  header.Put(0, 1);
  header.Put(channels, 3);
  header.Put(0, 4);
  header.Put(kHeaderBytes + uint32_t(block.bytes()), 13);
  header.Put(0x7ff, 11);  // how full a decoder's buffer is: not said
  header.Put(0, 2);       // one block
  return header.text() + block.text();
}

}  // namespace

std::string SilenceKind::Name() const {
  return absl::StrCat(kSilencePrefix, content_type, ":", parameters.sample_rate_hz, ":",
                      parameters.channels, ":", parameters.bitrate_bps);
}

std::optional<SilenceKind> SilenceKind::Parse(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kSilencePrefix)) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, ':');
  Parameters said;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[1], &said.sample_rate_hz) ||
      !absl::SimpleAtoi(parts[2], &said.channels) ||
      !absl::SimpleAtoi(parts[3], &said.bitrate_bps)) {
    return std::nullopt;
  }
  // Of MP3 alone the bitrate is said: its frames have one.
  said.codec = said.bitrate_bps > 0 ? Codec::kMp3 : Codec::kAac;
  const absl::StatusOr<SilenceKind> kind = SilenceFor(parts[0], said);
  if (!kind.ok() || kind->Name() != absl::StrCat(kSilencePrefix, name)) return std::nullopt;
  return *kind;
}

absl::StatusOr<SilenceKind> SilenceFor(absl::string_view content_type,
                                       const Parameters& parameters) {
  SilenceKind kind{.content_type = std::string(content_type.substr(0, content_type.find(';'))),
                   .parameters = parameters};
  if (parameters.channels != 1 && parameters.channels != 2) {
    return NoSuch(absl::StrCat(parameters.channels, " channels"));
  }
  if (parameters.codec == Codec::kMp3) {
    const std::optional<MpegRate> rate = MpegRateOf(parameters.sample_rate_hz);
    if (!rate.has_value()) return NoSuch(absl::StrCat(parameters.sample_rate_hz, " Hz"));
    const bool is_mpeg1 = rate->version_bits == 3;
    kind.parameters.bitrate_bps =
        BitrateAt(is_mpeg1, NearestIndex(is_mpeg1, parameters.bitrate_bps));
    return kind;
  }
  if (parameters.codec == Codec::kAac) {
    const bool is_known = std::find(std::begin(kAacRates), std::end(kAacRates),
                                    parameters.sample_rate_hz) != std::end(kAacRates);
    if (!is_known) return NoSuch(absl::StrCat(parameters.sample_rate_hz, " Hz"));
    kind.parameters.bitrate_bps = 0;
    return kind;
  }
  return NoSuch(CodecName(parameters.codec));
}

absl::StatusOr<Track> MakeSilence(const SilenceKind& asked) {
  const absl::StatusOr<SilenceKind> kind = SilenceFor(asked.content_type, asked.parameters);
  if (!kind.ok()) return kind.status();
  const Parameters& parameters = kind->parameters;
  std::string frame;
  uint32_t samples = kAacFrameSamples;
  if (parameters.codec == Codec::kMp3) {
    const MpegRate rate = *MpegRateOf(parameters.sample_rate_hz);
    samples = rate.version_bits == 3 ? 1152 : 576;
    frame = MpegFrame(parameters, rate);
  } else {
    const auto* rate =
        std::find(std::begin(kAacRates), std::end(kAacRates), parameters.sample_rate_hz);
    frame = AdtsFrame(uint32_t(rate - std::begin(kAacRates)), parameters.channels);
  }
  std::string second;
  for (uint32_t heard = 0; heard < parameters.sample_rate_hz; heard += samples) second += frame;
  return MakeTrack(kind->content_type, AsBytes(second));
}

}  // namespace floe::audio
