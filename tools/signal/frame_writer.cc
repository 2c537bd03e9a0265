// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/signal/frame_writer.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/signal/checksum.h"
#include "tools/signal/mpeg_header.h"

namespace floe::tools {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

// Byte (or nanosecond) `n * numerator / denominator`, exact for any stream a person lives to hear.
uint64_t Scaled(uint64_t n, uint64_t numerator, uint64_t denominator) {
  return uint64_t(static_cast<unsigned __int128>(n) * numerator / denominator);
}

// Frames of a constant number of samples at one rate.
class EvenFrames : public FrameWriter {
 public:
  EvenFrames(uint32_t kbps, uint32_t samples, uint32_t rate)
      : kbps_(kbps), samples_(samples), rate_(rate) {}

  std::chrono::nanoseconds StartOf(uint64_t sequence) const override {
    return std::chrono::nanoseconds(Scaled(sequence, samples_ * kNsPerSecond, rate_));
  }
  uint32_t sample_rate() const override { return rate_; }

 protected:
  // Frame sizes alternate so that the bitrate holds exactly over time.
  size_t FrameBytes(uint64_t sequence) const {
    const uint64_t per_frame = uint64_t(samples_) * kbps_ * 125;
    return size_t(Scaled(sequence + 1, per_frame, rate_) - Scaled(sequence, per_frame, rate_));
  }

  const uint32_t kbps_;

 private:
  const uint32_t samples_;
  const uint32_t rate_;
};

// MPEG-1 layer III. The side information is all zero: no main data, no reservoir, silence; all
// that follows it is ancillary data, which decoders skip.
class Mp3Frames final : public EvenFrames {
 public:
  static constexpr uint32_t kRate = 44100;
  static constexpr uint32_t kMonoBelowKbps = 64;

  explicit Mp3Frames(uint32_t kbps) : EvenFrames(kbps, 1152, kRate) {}

  void BeginLife(uint32_t, std::string*) override {}

  void Append(const Stamp& stamp, std::string* out) override {
    const bool is_mono = kbps_ < kMonoBelowKbps;
    const size_t at = out->size();
    const size_t bytes = FrameBytes(stamp.sequence);
    const bool is_padded = bytes > 144u * kbps_ * 1000 / kRate;
    out->resize(at + bytes, '\0');
    char* frame = out->data() + at;
    frame[0] = char(0xFF);
    frame[1] = char(0xFB);
    frame[2] = char(MpegBitrateIndex(kbps_) << 4 | (is_padded ? 2 : 0));
    frame[3] = char(is_mono ? 0xC0 : 0x00);
    const size_t main_data = MpegHeader::kBytes + (is_mono ? 17 : 32);
    WriteStamped(frame + main_data, bytes - main_data, stamp);
  }
};

// AAC-LC in ADTS: data stream elements (the first holds the stamp), one silent channel, end.
class AdtsFrames final : public EvenFrames {
 public:
  static constexpr uint32_t kRate = 44100;
  static constexpr size_t kHeaderBytes = 7;
  static constexpr absl::string_view kSilentChannelAndEnd{"\0\0\0\x07", 4};
  static constexpr size_t kElementBytesMax = 510;  // an 8-bit count and its 8-bit extension

  explicit AdtsFrames(uint32_t kbps) : EvenFrames(kbps, 1024, kRate) {}

  void BeginLife(uint32_t, std::string*) override {}

  void Append(const Stamp& stamp, std::string* out) override {
    const size_t bytes = FrameBytes(stamp.sequence);
    const uint8_t head[kHeaderBytes] = {0xFF,
                                        0xF1,
                                        0x50,
                                        uint8_t(0x40 | bytes >> 11),
                                        uint8_t(bytes >> 3),
                                        uint8_t((bytes & 7) << 5 | 0x1F),
                                        0xFC};
    out->append(reinterpret_cast<const char*>(head), sizeof(head));
    size_t left = bytes - kHeaderBytes - kSilentChannelAndEnd.size();
    left -= AppendElement(left, &stamp, out);
    while (left > 0) left -= AppendElement(left, nullptr, out);
    out->append(kSilentChannelAndEnd.data(), kSilentChannelAndEnd.size());
  }

 private:
  // One data stream element of at most `room` bytes; returns how many it took.
  static size_t AppendElement(size_t room, const Stamp* stamp, std::string* out) {
    constexpr char kDataStreamAligned = char(0x81);  // id 4, tag 0, bytes aligned
    const size_t start = out->size();
    // Two bytes of overhead below 255 bytes of data, three from there on; what a size in between
    // or a rest too small for a header cannot express is left to the next element.
    size_t data = std::min(room < 2 + 255 ? room - 2 : room - 3, kElementBytesMax);
    if (room - 2 == 255) data = 253;
    if (const size_t taken = data + (data < 255 ? 2 : 3); room - taken == 1) --data;
    out->push_back(kDataStreamAligned);
    out->push_back(char(std::min<size_t>(data, 255)));
    if (data >= 255) out->push_back(char(data - 255));
    const size_t at = out->size();
    out->resize(at + data, '\0');
    if (stamp != nullptr) WriteStamped(out->data() + at, data, *stamp);
    return out->size() - start;
  }
};

// Opus in Ogg, 20 ms a packet, a page each. A packet says in its first bits that it is silent
// (the well-known F8 FF FE); decoders look no further, so the rest is ours.
class OpusPages final : public EvenFrames {
 public:
  static constexpr uint32_t kRate = 48000;
  static constexpr uint32_t kSamples = 960;
  static constexpr uint32_t kPreSkip = 312;
  static constexpr absl::string_view kSilence{"\xF8\xFF\xFE", 3};

  explicit OpusPages(uint32_t kbps) : EvenFrames(kbps, kSamples, kRate) {}

  void BeginLife(uint32_t life, std::string* out) override {
    serial_ = life;
    page_ = 0;
    samples_ended_ = kPreSkip;
    std::string head("OpusHead\x01\x01", 10);
    AppendNumber(kPreSkip, 2, &head);
    AppendNumber(kRate, 4, &head);
    AppendNumber(0, 3, &head);  // no gain, mapping family 0
    AppendPage(kBeginsStream, 0, head, out);
    constexpr absl::string_view kVendor = "floe-source";
    std::string tags("OpusTags");
    AppendNumber(kVendor.size(), 4, &tags);
    absl::StrAppend(&tags, kVendor);
    AppendNumber(0, 4, &tags);  // no comments
    AppendPage(0, 0, tags, out);
  }

  void Append(const Stamp& stamp, std::string* out) override {
    std::string packet(FrameBytes(stamp.sequence), '\0');
    packet.replace(0, kSilence.size(), kSilence.data(), kSilence.size());
    WriteStamped(packet.data() + kSilence.size(), packet.size() - kSilence.size(), stamp);
    samples_ended_ += kSamples;
    AppendPage(0, samples_ended_, packet, out);
  }

 private:
  static constexpr uint8_t kBeginsStream = 2;

  static void AppendNumber(uint64_t value, size_t bytes, std::string* out) {
    for (size_t i = 0; i < bytes; ++i) out->push_back(char(value >> (8 * i)));
  }

  void AppendPage(uint8_t flags, uint64_t granule, absl::string_view packet, std::string* out) {
    const size_t start = out->size();
    absl::StrAppend(out, "OggS");
    out->push_back('\0');
    out->push_back(char(flags));
    AppendNumber(granule, 8, out);
    AppendNumber(serial_, 4, out);
    AppendNumber(page_++, 4, out);
    AppendNumber(0, 4, out);  // the checksum's place
    AppendNumber(packet.size() / 255 + 1, 1, out);
    out->append(packet.size() / 255, char(255));
    AppendNumber(packet.size() % 255, 1, out);
    absl::StrAppend(out, packet);
    const uint32_t checksum = OggChecksum(absl::string_view(*out).substr(start));
    for (size_t i = 0; i < 4; ++i) (*out)[start + 22 + i] = char(checksum >> (8 * i));
  }

  uint32_t serial_ = 0;
  uint32_t page_ = 0;
  uint64_t samples_ended_ = 0;
};

absl::Status NoSuchBitrate(uint32_t kbps, absl::string_view which) {
  return absl::InvalidArgumentError(absl::StrCat("bitrate ", kbps, " kbit/s: ", which));
}

}  // namespace

absl::StatusOr<Format> ParseFormat(absl::string_view name) {
  if (name == "mp3") return Format::kMp3;
  if (name == "adts" || name == "aac") return Format::kAdts;
  if (name == "opus") return Format::kOpus;
  return absl::InvalidArgumentError(absl::StrCat("format \"", name, "\": mp3, adts or opus"));
}

absl::string_view ContentType(Format format) {
  switch (format) {
    case Format::kMp3: return "audio/mpeg";
    case Format::kAdts: return "audio/aac";
    case Format::kOpus: return "audio/ogg";
  }
  return "";
}

absl::StatusOr<std::unique_ptr<FrameWriter>> FrameWriter::Make(Format format, uint32_t kbps) {
  switch (format) {
    case Format::kMp3:
      if (MpegBitrateIndex(kbps) == 0) {
        return NoSuchBitrate(kbps, "mp3 has 32 40 48 56 64 80 96 112 128 160 192 224 256 320");
      }
      return std::make_unique<Mp3Frames>(kbps);
    case Format::kAdts:
      if (kbps < 24 || kbps > 512) return NoSuchBitrate(kbps, "adts takes 24 to 512");
      return std::make_unique<AdtsFrames>(kbps);
    case Format::kOpus:
      if (kbps < 24 || kbps > 500) return NoSuchBitrate(kbps, "opus takes 24 to 500");
      return std::make_unique<OpusPages>(kbps);
  }
  return absl::InternalError("format of no known kind");
}

}  // namespace floe::tools
