// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/track.h"

#include <algorithm>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/crc.h"
#include "audio/flac_header.h"
#include "audio/id3.h"
#include "audio/mpeg_info.h"
#include "audio/ogg_page.h"
#include "base/clock.h"

namespace floe::audio {
namespace {

constexpr size_t kStepBytes = 4096;
constexpr size_t kFlacMagicBytes = 4;

// Where Ogg's page header has what is set here.
constexpr size_t kFlagsAt = 5, kSerialAt = 14, kSequenceAt = 18, kSumAt = 22, kLacingsAt = 26;
constexpr uint8_t kLast = 4;

void SetLittle(uint32_t value, std::byte* at) {
  for (int i = 0; i < 4; ++i) at[i] = std::byte(value >> 8 * i & 0xff);
}

std::byte* BytesAt(std::string& bytes, size_t at) {
  return reinterpret_cast<std::byte*>(bytes.data() + at);
}

// The length of the page at the front of `bytes`, which are whole pages.
size_t PageBytes(Bytes bytes) {
  const size_t lacings = U8(bytes, kLacingsAt);
  size_t whole = kOggPageHeaderBytes + lacings;
  for (size_t i = 0; i < lacings; ++i) whole += U8(bytes, kOggPageHeaderBytes + i);
  return whole;
}

// Keeps what a framer passes on.
class Collector final : public Output {
 public:
  explicit Collector(Track* track) : track_(*track) {}

  void Append(std::span<const std::byte> bytes) override {
    absl::StrAppend(&track_.bytes, AsText(bytes));
  }
  void Discard() override { track_.bytes.resize(whole_bytes_); }
  void Boundary(microseconds played) override {
    const Bytes frame = AsBytes(track_.bytes).subspan(whole_bytes_);
    const bool is_mp3 = track_.parameters.codec == Codec::kMp3;
    if (whole_bytes_ == 0 && is_mp3 && IsMpegInfoFrame(frame)) return Discard();
    EndUnit();
    track_.played += played;
  }
  void SyncPoint(bool) override {}
  // Of FLAC alone the headers are not passed on: they are said with the link.
  void BeginLink(std::span<const std::byte> preamble) override {
    if (!audio::StartsWith(preamble, "fLaC")) return;
    Append(preamble);
    EndUnit();
  }
  void Title(absl::string_view title) override {
    if (track_.title.empty()) track_.title = std::string(title);
  }
  void Found(const Parameters& parameters) override { track_.parameters = parameters; }

 private:
  void EndUnit() {
    whole_bytes_ = track_.bytes.size();
    if (track_.bytes[0] == 'f') track_.frame_ends.push_back(uint32_t(whole_bytes_));
  }

  Track& track_;
  size_t whole_bytes_ = 0;
};

// Numbers the logical streams and their pages anew, and says where each ends: a file may have been
// cut, or have lost pages.
void NumberStreams(Track* track) {
  struct Stream {
    uint32_t number;
    uint32_t pages = 0;
    size_t last_page_at = 0;
  };
  std::map<uint32_t, Stream> of_link;  // by the number in the file
  const auto end_link = [&] {
    for (const auto& [serial, stream] : of_link) {
      *BytesAt(track->bytes, stream.last_page_at + kFlagsAt) |= std::byte{kLast};
    }
    of_link.clear();
  };
  bool is_among_first_pages = false;
  for (size_t at = 0; at < track->bytes.size();) {
    OggPage page;
    const Bytes rest = AsBytes(track->bytes).subspan(at);
    ReadOggHeader(rest, &page);
    const size_t bytes = PageBytes(rest);
    if (page.is_first && (!is_among_first_pages || of_link.contains(page.serial))) end_link();
    is_among_first_pages = page.is_first;
    if (page.is_first) of_link[page.serial] = {.number = track->streams++};
    Stream& stream = of_link[page.serial];
    stream.last_page_at = at;
    *BytesAt(track->bytes, at + kFlagsAt) &= ~std::byte{kLast};
    SetLittle(stream.number, BytesAt(track->bytes, at + kSerialAt));
    SetLittle(stream.pages++, BytesAt(track->bytes, at + kSequenceAt));
    SetLittle(0, BytesAt(track->bytes, at + kSumAt));
    at += bytes;
  }
  end_link();
}

// A number in as many bytes as it takes, like UTF-8, of at most 36 bits.
void AppendFlacNumber(uint64_t number, std::vector<std::byte>* out) {
  if (number < 0x80) return out->push_back(std::byte(number));
  int more = 1;  // bytes of 6 bits behind the first
  while (more < 6 && number >> (6 * more + 6 - more) != 0) ++more;
  const uint32_t mark = 0xff00u >> (more + 1) & 0xff;
  out->push_back(std::byte(mark | (number >> 6 * more & (0x7fu >> (more + 1)))));
  for (int i = more - 1; i >= 0; --i) out->push_back(std::byte(0x80 | (number >> 6 * i & 0x3f)));
}

// The same frame as the one that begins with that sample, with the checksums that belong to it. Its
// samples are counted, not its frames: the last one of a file is short, and others follow it.
std::vector<std::byte> RenumberedFlac(Bytes frame, const FlacFrameHeader& header, uint64_t sample) {
  constexpr size_t kStrategyAt = 1, kNumberAt = 4, kFooterBytes = 2;
  constexpr std::byte kIsVariable{1};
  constexpr uint64_t kSampleMax = (uint64_t{1} << 36) - 1;
  const uint8_t first = U8(frame, kNumberAt);
  size_t number_bytes = 1;
  while (number_bytes < 7 && first >= 0x80 && (first << number_bytes & 0x80) != 0) ++number_bytes;
  std::vector<std::byte> renumbered(frame.begin(), frame.begin() + kNumberAt);
  renumbered[kStrategyAt] |= kIsVariable;
  AppendFlacNumber(sample & kSampleMax, &renumbered);
  const Bytes behind = frame.subspan(0, header.header_bytes - 1u).subspan(kNumberAt + number_bytes);
  renumbered.insert(renumbered.end(), behind.begin(), behind.end());
  renumbered.push_back(std::byte(FlacCrc8(0, renumbered)));
  const Bytes body = frame.subspan(header.header_bytes);
  renumbered.insert(renumbered.end(), body.begin(), body.end() - kFooterBytes);
  const uint16_t sum = FlacCrc16(0, renumbered);
  renumbered.push_back(std::byte(sum >> 8));
  renumbered.push_back(std::byte(sum & 0xff));
  return renumbered;
}

// STREAMINFO says how short a block may be that is not the last one.
void AllowShortBlocks(Track* track) {
  constexpr size_t kMinimumAt = kFlacMagicBytes + kFlacBlockHeaderBytes;
  constexpr char kShortest = 16;
  track->bytes[kMinimumAt] = 0;
  track->bytes[kMinimumAt + 1] = kShortest;
}

bool HasTags(const Track& track) {
  const Codec codec = track.parameters.codec;
  return codec == Codec::kAac || codec == Codec::kMp1 || codec == Codec::kMp2 ||
         codec == Codec::kMp3;
}

absl::string_view MediaOf(absl::string_view content_type) {
  return absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
}

}  // namespace

uint64_t HashOf(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ uint8_t(c)) * 0x100000001b3;
  return hash;
}

absl::StatusOr<Track> MakeTrack(absl::string_view content_type, Bytes file) {
  Track track;
  track.content_type = std::string(content_type);
  track.bytes.reserve(file.size());
  Collector collector(&track);
  const std::unique_ptr<Framer> framer = MakeFramer(content_type, &Clock::now);
  framer->Feed(file, collector);
  framer->End(collector);
  const bool is_known = track.parameters.codec != Codec::kOpaque;
  if (!is_known || track.bytes.empty() || track.played <= microseconds(0)) {
    return absl::InvalidArgumentError(absl::StrCat("holds no audio of the type ", content_type));
  }
  if (StartsWith(AsBytes(track.bytes), "OggS")) NumberStreams(&track);
  if (!track.frame_ends.empty()) AllowShortBlocks(&track);
  if (HasTags(track)) track.title = TitleOfId3v2(file);
  if (HasTags(track) && track.title.empty()) track.title = TitleOfId3v1(file);
  track.bytes.shrink_to_fit();
  track.hash = HashOf(track.bytes);
  return track;
}

size_t TrackFeed::StepOfOgg(Bytes rest, Framer& framer, Output& out, TrackPlace* place) {
  const size_t bytes = PageBytes(rest);
  unit_.assign(rest.begin(), rest.begin() + ptrdiff_t(bytes));
  const auto number = static_cast<uint32_t>(LittleEndian(unit_, kSerialAt, 4));
  SetLittle(place->first_serial + number, unit_.data() + kSerialAt);
  SetLittle(OggCrc32(0, unit_), unit_.data() + kSumAt);
  framer.Feed(unit_, out);
  return bytes;
}

size_t TrackFeed::StepOfFlac(const Track& track, Framer& framer, Output& out, TrackPlace* place) {
  const auto end =
      std::upper_bound(track.frame_ends.begin(), track.frame_ends.end(), place->at_bytes);
  const size_t bytes = *end - place->at_bytes;
  const Bytes frame = AsBytes(track.bytes).subspan(place->at_bytes, bytes);
  const FlacStreamInfo info = ReadFlacStreamInfo(AsBytes(track.bytes).subspan(kFlacMagicBytes));
  const FlacFrameHeader header = ReadFlacFrameHeader(frame, info);
  if (header.kind != FlacFrameHeader::Kind::kFrame) {
    framer.Feed(frame, out);  // the headers before the first one
    place->first_sample = place->next_sample;
    return bytes;
  }
  const uint64_t within =
      header.is_variable ? header.number : header.number * info.block_samples_max;
  unit_ = RenumberedFlac(frame, header, place->first_sample + within);
  framer.Feed(unit_, out);
  place->next_sample = place->first_sample + within + header.samples;
  return bytes;
}

size_t TrackFeed::Step(const Track& track, Framer& framer, Output& out, TrackPlace* place) {
  const Bytes rest = AsBytes(track.bytes).subspan(place->at_bytes);
  size_t bytes = std::min(kStepBytes, rest.size());
  if (track.streams > 0) {
    bytes = StepOfOgg(rest, framer, out, place);
  } else if (!track.frame_ends.empty()) {
    bytes = StepOfFlac(track, framer, out, place);
  } else {
    framer.Feed(rest.first(bytes), out);
  }
  place->at_bytes += bytes;
  if (place->at_bytes >= track.bytes.size()) {
    place->at_bytes = 0;
    place->first_serial += track.streams;
  }
  return bytes;
}

bool MayFollow(const Track& before, const Track& after) {
  if (!absl::EqualsIgnoreCase(MediaOf(before.content_type), MediaOf(after.content_type))) {
    return false;
  }
  const bool is_native_flac = after.parameters.codec == Codec::kFlac && after.streams == 0;
  return !is_native_flac || (before.parameters.sample_rate_hz == after.parameters.sample_rate_hz &&
                             before.parameters.channels == after.parameters.channels);
}

}  // namespace floe::audio
