// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/ogg_framer.h"

#include <algorithm>
#include <cstring>

#include "audio/comments.h"
#include "base/limits.h"

namespace floe::audio {
namespace {

constexpr absl::string_view kCapture = "OggS";
constexpr int64_t kNoGranule = -1;

// The title in a stream's comment header, which stands somewhere in `pages`.
std::string FindTitle(uint32_t serial, const OggCodec& codec, Bytes pages) {
  std::vector<std::byte> packet;
  while (!pages.empty()) {
    const OggSight sight = LookForPage(pages, [](const OggPage&) { return true; });
    if (sight.kind != OggSight::Kind::kPage) return {};
    pages = pages.subspan(sight.bytes);
    if (sight.page.serial != serial) continue;
    OggPieces pieces(sight.page);
    for (OggPiece piece; pieces.Next(&piece);) {
      if (piece.begins) packet.clear();
      packet.insert(packet.end(), piece.bytes.begin(), piece.bytes.end());
      if (!piece.ends) continue;
      std::string title = TitleOfComments(CommentsOf(codec, packet));
      if (!title.empty()) return title;
    }
  }
  return {};
}

bool IsSound(const OggCodec& codec) { return codec.is_known() && codec.codec() != Codec::kTheora; }

}  // namespace

size_t OggFramer::Take(Bytes window, Output& out) {
  const OggSight sight =
      LookForPage(window, [this](const OggPage& page) { return IsWanted(page); });
  if (sight.kind == OggSight::Kind::kMore) return Want(sight.bytes);
  if (sight.kind == OggSight::Kind::kNone) return TakeGarbage(window);
  OnPage(sight.page, out);
  in_sync_ = true;
  return sight.bytes;
}

// Up to where the next page may begin.
size_t OggFramer::TakeGarbage(Bytes window) {
  if (in_sync_) stats_.resyncs += 1;
  in_sync_ = false;
  size_t at = 1;
  while (at < window.size()) {
    const void* found = std::memchr(window.data() + at, kCapture[0], window.size() - at);
    at = found == nullptr ? window.size() : static_cast<const std::byte*>(found) - window.data();
    if (MayStartWith(window.subspan(at), kCapture)) break;
    ++at;
  }
  stats_.garbage_bytes += at;
  return at;
}

OggFramer::Stream* OggFramer::Find(uint32_t serial) {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [serial](const Stream& s) { return s.serial == serial; });
  return found == streams_.end() ? nullptr : &*found;
}

bool OggFramer::IsWanted(const OggPage& page) const {
  const bool is_known = std::any_of(streams_.begin(), streams_.end(),
                                    [&page](const Stream& s) { return s.serial == page.serial; });
  if (!page.is_first) return is_known;
  return is_known || section_ != Section::kFirstPages || !IsFull();
}

void OggFramer::OnPage(const OggPage& page, Output& out) {
  if (page.is_first) {
    OnFirstPage(page, out);
  } else if (section_ == Section::kFirstPages) {
    section_ = Section::kHeaders;
    OpenIfWhole(out);  // where no stream has a second header
  }
  Stream& stream = *Find(page.serial);
  // Headers of codecs nobody knows have no time; data has.
  const bool is_header =
      section_ == Section::kFirstPages ||
      (section_ != Section::kAudio &&
       (stream.codec.is_known() ? !stream.has_headers
                                : page.granule == 0 || page.granule == kNoGranule));
  if (section_ == Section::kAudio && IsSyncPoint(stream, page)) out.SyncPoint(true);
  out.Append(page.whole);
  const bool tells_time = timed_ < streams_.size() && &stream == &streams_[timed_];
  const microseconds played = tells_time && !is_header ? Play(stream, page) : microseconds(0);
  stats_.frames += 1;
  stats_.played += played;
  if (!is_header) stats_.audio_bytes += page.whole.size();
  out.Boundary(played);
  if (!is_header) return;
  CountHeaders(stream, page);
  KeepHeader(page);
  OpenIfWhole(out);
}

// Begins a link unless one has just begun, and adds the page's stream to it.
void OggFramer::OnFirstPage(const OggPage& page, Output& out) {
  if (section_ != Section::kFirstPages || Find(page.serial) != nullptr) {
    section_ = Section::kFirstPages;
    streams_.clear();
    preamble_.clear();
    timed_ = kNoStream;
    has_pictures_ = false;
    out.SyncPoint(/*needs_preamble=*/false);
  }
  OggPiece first;
  OggPieces(page).Next(&first);
  Stream stream{.serial = page.serial, .codec = IdentifyOggCodec(first.bytes)};
  has_pictures_ = has_pictures_ || stream.codec.codec() == Codec::kTheora;
  streams_.push_back(std::move(stream));
}

void OggFramer::CountHeaders(Stream& stream, const OggPage& page) {
  OggPieces pieces(page);
  for (OggPiece piece; pieces.Next(&piece);) {
    const bool is_first = page.is_first && piece.begins && stream.headers_seen == 0;
    if (stream.codec.header_packets == 0 && !is_first && piece.begins) {
      // Its end is what counts, so the number is known now.
      if (IsLastFlacHeader(piece.bytes)) stream.codec.header_packets = stream.headers_seen + 1;
    }
    if (piece.ends) stream.headers_seen += 1;
  }
  stream.has_headers =
      stream.codec.header_packets != 0 && stream.headers_seen >= stream.codec.header_packets;
}

void OggFramer::KeepHeader(const OggPage& page) {
  if (section_ == Section::kUnjoinable) return;
  if (preamble_.size() + page.whole.size() > kPreambleBytesMax) {
    section_ = Section::kUnjoinable;
    preamble_ = {};
    PickClock();
    return;
  }
  preamble_.insert(preamble_.end(), page.whole.begin(), page.whole.end());
}

void OggFramer::OpenIfWhole(Output& out) {
  if (section_ != Section::kHeaders) return;
  for (const Stream& stream : streams_) {
    if (stream.codec.is_known() && !stream.has_headers) return;
  }
  section_ = Section::kAudio;
  PickClock();
  Describe(out);
  out.BeginLink(preamble_);
  preamble_ = {};
}

// Time is told by the first stream of sound, else by the pictures.
void OggFramer::PickClock() {
  const auto pick = [this](auto is_right) {
    return static_cast<size_t>(std::find_if(streams_.begin(), streams_.end(), is_right) -
                               streams_.begin());
  };
  timed_ = pick([](const Stream& s) { return IsSound(s.codec); });
  if (timed_ == streams_.size()) timed_ = pick([](const Stream& s) { return s.codec.is_known(); });
}

// Says what the link's headers say.
void OggFramer::Describe(Output& out) {
  Parameters parameters;
  if (timed_ < streams_.size()) parameters = streams_[timed_].codec.parameters;
  if (has_pictures_) parameters.codec = Codec::kTheora;
  if (parameters != found_) {
    found_ = parameters;
    out.Found(found_);
  }
  std::string title;
  for (const Stream& stream : streams_) {
    if (title.empty()) title = FindTitle(stream.serial, stream.codec, preamble_);
  }
  // A link without a title ends that of the link before, but not one that was set from outside.
  if (!title.empty() || !title_.empty()) out.Title(title);
  title_ = std::move(title);
}

bool OggFramer::IsSyncPoint(const Stream& stream, const OggPage& page) const {
  if (page.is_last) return false;  // to begin at the end is to hear nothing
  if (!has_pictures_) return !page.is_continued;
  if (stream.codec.codec() != Codec::kTheora) return false;
  OggPieces pieces(page);
  for (OggPiece piece; pieces.Next(&piece);) {
    if (piece.begins && IsTheoraKeyframe(piece.bytes)) return true;
  }
  return false;
}

// The time that a page adds to its stream.
microseconds OggFramer::Play(Stream& stream, const OggPage& page) {
  OggPieces pieces(page);
  for (OggPiece piece; pieces.Next(&piece);) {
    if (piece.begins) stream.open_packet_units = UnitsOfPacket(stream.codec, piece.bytes);
    if (!piece.ends) continue;
    stream.ended_units_max += stream.open_packet_units;
    stream.open_packet_units = 0;
  }
  if (page.granule == kNoGranule) return microseconds(0);
  const uint64_t unit = UnitsAt(stream.codec, page.granule);
  const uint64_t before = stream.is_timed ? stream.unit : stream.codec.first_unit;
  const uint64_t since = unit - before;
  const bool is_in_preskip = !stream.is_timed && unit < before;
  uint64_t units = std::min(since, stream.ended_units_max);  // a step back is huge here
  if (is_in_preskip) units = 0;
  stream.unit = unit;
  stream.is_timed = true;
  stream.ended_units_max = 0;
  return clock_.Advance(units, stream.codec.rate, stream.codec.per);
}

void OggFramer::Finish(Bytes rest, Output& out) {
  // Pages are appended whole, so there is none to discard.
  stats_.garbage_bytes += rest.size();
}

}  // namespace floe::audio
