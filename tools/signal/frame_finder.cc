// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/signal/frame_finder.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "tools/signal/checksum.h"
#include "tools/signal/mpeg_header.h"

namespace floe::tools {
namespace {

constexpr size_t kAdtsHeaderBytes = 7;
constexpr size_t kOggHeaderBytes = 27;
constexpr size_t kOggChecksumAt = 22;
constexpr size_t kOpusStampAt = 3;
constexpr uint32_t kOpusPacketNs = 20'000'000;

uint32_t Byte(absl::string_view bytes, size_t at) { return uint8_t(bytes[at]); }

uint32_t Number32(absl::string_view bytes, size_t at) {
  return Byte(bytes, at) | Byte(bytes, at + 1) << 8 | Byte(bytes, at + 2) << 16 |
         Byte(bytes, at + 3) << 24;
}

struct AdtsHeader {
  size_t frame_bytes;
  uint32_t sample_rate;
};

std::optional<AdtsHeader> DecodeAdts(absl::string_view bytes) {
  constexpr uint32_t kRates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                 22050, 16000, 12000, 11025, 8000,  7350};
  if (Byte(bytes, 0) != 0xFF || (Byte(bytes, 1) & 0xF6) != 0xF0) return std::nullopt;
  const uint32_t rate_index = (Byte(bytes, 2) >> 2) & 0xF;
  const size_t frame_bytes = (Byte(bytes, 3) & 3) << 11 | Byte(bytes, 4) << 3 | Byte(bytes, 5) >> 5;
  if (rate_index >= std::size(kRates) || frame_bytes <= kAdtsHeaderBytes) return std::nullopt;
  return AdtsHeader{frame_bytes, kRates[rate_index]};
}

// The data of the first data stream element of one of our frames; empty when there is none.
absl::string_view AdtsStampRegion(absl::string_view frame) {
  const absl::string_view body = frame.substr(kAdtsHeaderBytes);
  if (body.size() < 3 || Byte(body, 0) != 0x81) return {};
  const size_t count = Byte(body, 1);
  return count < 255 ? body.substr(2, count) : body.substr(3, count + Byte(body, 2));
}

Heard HeardIn(absl::string_view region, uint64_t samples, uint32_t rate) {
  Heard heard{Reading::kBare, {}, uint32_t(samples * 1'000'000'000 / rate)};
  heard.reading = ReadStamped(region, &heard.stamp);
  return heard;
}

}  // namespace

// Says whether a frame begins with the first byte, and where it ends.
FrameFinder::Probe FrameFinder::Look(absl::string_view bytes) const {
  switch (format_) {
    case Format::kMp3: {
      if (Byte(bytes, 0) != 0xFF) return {Probe::kNone, 0};
      if (bytes.size() < MpegHeader::kBytes) return {Probe::kMore, MpegHeader::kBytes};
      const std::optional<MpegHeader> header = MpegHeader::Decode(bytes);
      if (!header.has_value()) return {Probe::kNone, 0};
      return {bytes.size() < header->frame_bytes ? Probe::kMore : Probe::kFrame,
              header->frame_bytes};
    }
    case Format::kAdts: {
      if (Byte(bytes, 0) != 0xFF) return {Probe::kNone, 0};
      if (bytes.size() < kAdtsHeaderBytes) return {Probe::kMore, kAdtsHeaderBytes};
      const std::optional<AdtsHeader> header = DecodeAdts(bytes);
      if (!header.has_value()) return {Probe::kNone, 0};
      return {bytes.size() < header->frame_bytes ? Probe::kMore : Probe::kFrame,
              header->frame_bytes};
    }
    case Format::kOpus: {
      constexpr absl::string_view kCapture("OggS\0", 5);
      const size_t known = std::min(bytes.size(), kCapture.size());
      if (bytes.substr(0, known) != kCapture.substr(0, known)) return {Probe::kNone, 0};
      if (bytes.size() < kOggHeaderBytes) return {Probe::kMore, kOggHeaderBytes};
      const size_t segments = Byte(bytes, 26);
      size_t page_bytes = kOggHeaderBytes + segments;
      if (bytes.size() < page_bytes) return {Probe::kMore, page_bytes};
      for (size_t i = 0; i < segments; ++i) page_bytes += Byte(bytes, kOggHeaderBytes + i);
      return {bytes.size() < page_bytes ? Probe::kMore : Probe::kFrame, page_bytes};
    }
  }
  return {Probe::kNone, 0};
}

void FrameFinder::LoseSync() {
  if (is_synced_) (has_begun_ ? tears_ += 1 : uint64_t(has_ragged_start_ = true));
  is_synced_ = false;
}

// A whole frame: false when it turns out to be none. While searching, only a stamp (or, in a
// stream that never had one, a header) is believed.
bool FrameFinder::Accept(absl::string_view frame, absl::FunctionRef<void(const Heard&)> on_frame) {
  Heard heard{};
  if (format_ == Format::kOpus) return AcceptPage(frame, on_frame);
  if (format_ == Format::kMp3) {
    const MpegHeader header = *MpegHeader::Decode(frame);
    const size_t main_data = MpegHeader::kBytes + header.side_info_bytes;
    heard = HeardIn(frame.substr(main_data), header.samples, header.sample_rate);
  } else {
    heard = HeardIn(AdtsStampRegion(frame), 1024, DecodeAdts(frame)->sample_rate);
  }
  if (heard.reading == Reading::kTorn) return false;
  if (heard.reading == Reading::kStamped) has_stamps_ = true;
  if (!is_synced_ && has_stamps_ && heard.reading != Reading::kStamped) return false;
  on_frame(heard);
  return true;
}

// An Ogg page: its checksum, then a stamp in each packet. That none is missing is told by the
// stamps: page numbers jump between the headers and the first audio of a late join.
bool FrameFinder::AcceptPage(absl::string_view page,
                             absl::FunctionRef<void(const Heard&)> on_frame) {
  std::string blank(page.data(), kOggHeaderBytes);
  std::fill_n(blank.begin() + kOggChecksumAt, 4, '\0');
  const uint32_t checksum = OggChecksum(page.substr(kOggHeaderBytes), OggChecksum(blank));
  if (checksum != Number32(page, kOggChecksumAt)) return false;

  constexpr uint32_t kBeginsStream = 2;
  const bool begins_stream = (Byte(page, 5) & kBeginsStream) != 0;
  if (!has_begun_ && !begins_stream) has_ragged_start_ = true;
  const size_t segments = Byte(page, 26);
  size_t at = kOggHeaderBytes + segments, packet_bytes = 0;
  for (size_t i = 0; i < segments; ++i) {
    packet_bytes += Byte(page, kOggHeaderBytes + i);
    if (Byte(page, kOggHeaderBytes + i) == 255) continue;
    const absl::string_view packet = page.substr(at, packet_bytes);
    at += packet_bytes;
    packet_bytes = 0;
    if (absl::string_view(packet).substr(0, 4) == "Opus") continue;  // OpusHead, OpusTags
    Heard heard{Reading::kBare, {}, kOpusPacketNs};
    if (packet.size() > kOpusStampAt) {
      heard.reading = ReadStamped(packet.substr(kOpusStampAt), &heard.stamp);
    }
    if (heard.reading == Reading::kStamped) has_stamps_ = true;
    on_frame(heard);
  }
  return true;
}

// Takes all whole frames off the front; returns how many bytes are done with.
size_t FrameFinder::Take(absl::string_view bytes, absl::FunctionRef<void(const Heard&)> on_frame) {
  size_t done = 0;
  while (done < bytes.size()) {
    const absl::string_view here = bytes.substr(done);
    const Probe probe = Look(here);
    if (probe.verdict == Probe::kMore) break;
    if (probe.verdict == Probe::kFrame && Accept(here.substr(0, probe.bytes), on_frame)) {
      done += probe.bytes;
      is_synced_ = has_begun_ = true;
      continue;
    }
    LoseSync();
    ++done;
  }
  return done;
}

void FrameFinder::Feed(absl::string_view bytes, absl::FunctionRef<void(const Heard&)> on_frame) {
  // First the frame that the last piece left incomplete, with no more bytes than it needs: what
  // is kept per listener stays below one frame.
  while (!rest_.empty() && !bytes.empty()) {
    const Probe probe = Look(rest_);
    const size_t lacks = probe.verdict == Probe::kMore ? probe.bytes - rest_.size() : 0;
    const size_t moved = std::min(lacks, bytes.size());
    rest_.append(bytes.data(), moved);
    bytes.remove_prefix(moved);
    rest_.erase(0, Take(rest_, on_frame));
  }
  if (!rest_.empty()) return;
  bytes.remove_prefix(Take(bytes, on_frame));
  rest_.assign(bytes.data(), bytes.size());
}

}  // namespace floe::tools
