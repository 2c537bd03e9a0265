// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/ogg_framer.h"

#include <algorithm>
#include <cstring>

#include "audio/comments.h"
#include "audio/framer_state.h"
#include "base/limits.h"
#include "base/state_check.h"

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

absl::Status OggFramer::Check(const State& state) {
  StateCheck check("framer of Ogg");
  check.Known("its section", state.section, Section::kUnjoinable);
  check.AtMost("the number of its streams", state.streams.size(), kOggStreamsMax);
  for (const Stream& stream : state.streams) {
    check.Known("a stream's codec", stream.codec.codec(), kLastCodec);
    check.AtMost("a stream's granule shift", stream.codec.granule_shift, kGranuleShiftMax);
  }
  check.That(state.timed == kNoStream || state.timed < state.streams.size(),
             "the stream that tells the time is none of its streams");
  check.AtMost("the length of its preamble", state.preamble.size(), kPreambleBytesMax);
  check.AtMost("the length of its title", state.title.size(), kTitleBytesMax);
  check.Known("its codec", state.found.codec, kLastCodec);
  check.That(state.clock.IsPossible(), "more is left of a microsecond than a whole one");
  return std::move(check).status();
}

OggFramer::OggFramer(FramerState state)
    : CarryFramer(state.stats, std::move(state.carry)),
      state_(std::get<State>(std::move(state.format))) {}

FramerState OggFramer::state() const { return {stats(), carry(), state_}; }

size_t OggFramer::Take(Bytes window, Output& out) {
  const OggSight sight =
      LookForPage(window, [this](const OggPage& page) { return IsWanted(page); });
  if (sight.kind == OggSight::Kind::kMore) return Want(sight.bytes);
  if (sight.kind == OggSight::Kind::kNone) return TakeGarbage(window);
  OnPage(sight.page, out);
  state_.in_sync = true;
  return sight.bytes;
}

// Up to where the next page may begin.
size_t OggFramer::TakeGarbage(Bytes window) {
  if (state_.in_sync) stats_.resyncs += 1;
  state_.in_sync = false;
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
  const auto found = std::find_if(state_.streams.begin(), state_.streams.end(),
                                  [serial](const Stream& s) { return s.serial == serial; });
  return found == state_.streams.end() ? nullptr : &*found;
}

bool OggFramer::IsWanted(const OggPage& page) const {
  const bool is_known = std::any_of(state_.streams.begin(), state_.streams.end(),
                                    [&page](const Stream& s) { return s.serial == page.serial; });
  if (!page.is_first) return is_known;
  return is_known || state_.section != Section::kFirstPages || !IsFull();
}

void OggFramer::OnPage(const OggPage& page, Output& out) {
  if (page.is_first) {
    OnFirstPage(page, out);
  } else if (state_.section == Section::kFirstPages) {
    state_.section = Section::kHeaders;
    OpenIfWhole(out);  // where no stream has a second header
  }
  Stream& stream = *Find(page.serial);
  // Headers of codecs nobody knows have no time; data has.
  const bool is_header =
      state_.section == Section::kFirstPages ||
      (state_.section != Section::kAudio &&
       (stream.codec.is_known() ? !stream.has_headers
                                : page.granule == 0 || page.granule == kNoGranule));
  if (state_.section == Section::kAudio && IsSyncPoint(stream, page)) out.SyncPoint(true);
  out.Append(page.whole);
  const bool tells_time = state_.timed != kNoStream && &stream == &state_.streams[state_.timed];
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
  if (state_.section != Section::kFirstPages || Find(page.serial) != nullptr) {
    state_.section = Section::kFirstPages;
    state_.streams.clear();
    state_.preamble.clear();
    state_.timed = kNoStream;
    state_.has_pictures = false;
    out.SyncPoint(/*needs_preamble=*/false);
  }
  OggPiece first;
  OggPieces(page).Next(&first);
  Stream stream{.serial = page.serial, .codec = IdentifyOggCodec(first.bytes)};
  state_.has_pictures = state_.has_pictures || stream.codec.codec() == Codec::kTheora;
  state_.streams.push_back(std::move(stream));
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
  if (state_.section == Section::kUnjoinable) return;
  if (state_.preamble.size() + page.whole.size() > kPreambleBytesMax) {
    state_.section = Section::kUnjoinable;
    state_.preamble = {};
    PickClock();
    return;
  }
  state_.preamble.insert(state_.preamble.end(), page.whole.begin(), page.whole.end());
}

void OggFramer::OpenIfWhole(Output& out) {
  if (state_.section != Section::kHeaders) return;
  for (const Stream& stream : state_.streams) {
    if (stream.codec.is_known() && !stream.has_headers) return;
  }
  state_.section = Section::kAudio;
  PickClock();
  Describe(out);
  out.BeginLink(state_.preamble);
  state_.preamble = {};
}

// Time is told by the first stream of sound, else by the pictures.
void OggFramer::PickClock() {
  const std::vector<Stream>& streams = state_.streams;
  const auto pick = [&streams](auto is_right) {
    const auto found = std::find_if(streams.begin(), streams.end(), is_right);
    return found == streams.end() ? kNoStream : static_cast<size_t>(found - streams.begin());
  };
  state_.timed = pick([](const Stream& s) { return IsSound(s.codec); });
  if (state_.timed == kNoStream) {
    state_.timed = pick([](const Stream& s) { return s.codec.is_known(); });
  }
}

// Says what the link's headers say.
void OggFramer::Describe(Output& out) {
  Parameters parameters;
  if (state_.timed != kNoStream) parameters = state_.streams[state_.timed].codec.parameters;
  if (state_.has_pictures) parameters.codec = Codec::kTheora;
  if (parameters != state_.found) {
    state_.found = parameters;
    out.Found(state_.found);
  }
  std::string title;
  for (const Stream& stream : state_.streams) {
    if (title.empty()) title = FindTitle(stream.serial, stream.codec, state_.preamble);
  }
  // A link without a title ends that of the link before, but not one that was set from outside.
  if (!title.empty() || !state_.title.empty()) out.Title(title);
  state_.title = std::move(title);
}

bool OggFramer::IsSyncPoint(const Stream& stream, const OggPage& page) const {
  if (page.is_last) return false;  // to begin at the end is to hear nothing
  if (!state_.has_pictures) return !page.is_continued;
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
  return state_.clock.Advance(units, stream.codec.rate, stream.codec.per);
}

void OggFramer::Finish(Bytes rest, Output& out) {
  // Pages are appended whole, so there is none to discard.
  stats_.garbage_bytes += rest.size();
}

}  // namespace floe::audio
