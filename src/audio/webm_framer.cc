// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/webm_framer.h"

#include <algorithm>

#include "audio/framer_state.h"
#include "base/limits.h"
#include "base/state_check.h"

namespace floe::audio {
namespace {

using Kind = ElementHeader::Kind;

constexpr absl::string_view kEbmlId("\x1a\x45\xdf\xa3", 4);
constexpr absl::string_view kClusterId("\x1f\x43\xb6\x75", 4);
constexpr absl::string_view kEndlessSegment("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff", 12);

bool IsEbmlHeader(const ElementHeader& header) {
  return header.id == ElementId::kEbml && header.has_size &&
         header.body_bytes <= kEbmlHeaderBytesMax;
}

bool IsSaneCluster(const ElementHeader& header) {
  return header.id == ElementId::kCluster && header.body_bytes <= kWebmClusterBytesMax;
}

// What may stand behind the last boundary: a Cluster's header, and a whole Cluster or an element.
constexpr uint64_t kPendingBytesMax =
    2 * kElementHeaderBytesMax + std::max(kWholeClusterBytesMax, kWebmElementBytesMax);
constexpr int64_t kBlockTimeUsMax = INT64_MAX / 1000;  // it was counted in nanoseconds

void CheckLink(const WebmFramer::State::Link& link, StateCheck* check) {
  const WebmHeader& header = link.header;
  check->That(!link.is_open || (link.has_segment && header.has_tracks),
              "its link is open without a Segment and its Tracks");
  check->AtMost("the length of its preamble", link.preamble.size(), kPreambleBytesMax);
  check->AtMost("the unit of time", header.timestamp_scale_ns, kTimestampScaleMaxNs);
  check->That(header.timestamp_scale_ns > 0, "the unit of time is none");
  check->Known("its header's codec", header.parameters.codec, kLastCodec);
  check->AtMost("the number of video tracks", header.video_tracks.size(), kWebmVideoTracksMax);
  const size_t longest_text =
      std::max({header.info_title.size(), header.artist.size(), header.tag_title.size()});
  check->AtMost("the length of a tag", longest_text, kPreambleBytesMax);
  check->That(-kBlockTimeUsMax <= link.newest_us && link.newest_us <= kBlockTimeUsMax,
              "a block's time overflows");
}

void CheckElement(const WebmFramer::State& state, StateCheck* check) {
  const WebmFramer::State::Element& element = state.element;
  check->Known("what becomes of an element", element.fate, WebmFramer::Fate::kDropped);
  if (state.step != WebmFramer::Step::kElement) return;
  check->That(element.left_bytes > 0, "nothing is left of the element under way");
  check->AtMost("the length of an element", element.bytes,
                kElementHeaderBytesMax + kWebmNeedlessBytesMax);
  check->AtMost("what is left of an element", element.left_bytes, element.bytes);
  if (state.in_cluster) {
    check->That(!state.cluster.has_size || element.bytes <= state.cluster.left_bytes,
                "an element is longer than its Cluster");
  } else if (element.fate == WebmFramer::Fate::kPassedAndRead) {
    const ElementHeader header = ReadElementHeader(element.kept);
    check->That(header.kind == Kind::kElement && header.id == element.id &&
                    header.header_bytes + header.body_bytes == element.bytes &&
                    element.kept.size() + element.left_bytes == element.bytes,
                "what is kept of an element is not that element");
    const size_t before = state.link.is_open ? 0 : state.link.preamble.size();
    check->AtMost("the length of its preamble", before + element.bytes, kPreambleBytesMax);
  }
}

}  // namespace

absl::Status WebmFramer::Check(const State& state) {
  StateCheck check("framer of WebM");
  check.Known("its step", state.step, Step::kElement);
  CheckLink(state.link, &check);
  CheckElement(state, &check);
  check.AtMost("what is left of a Cluster", state.cluster.left_bytes, kWebmClusterBytesMax);
  check.That(state.step == Step::kElement || state.in_cluster == (state.step == Step::kCluster),
             "it is in a Cluster and is not");
  check.AtMost("what is not published", state.pending.bytes, kPendingBytesMax);
  const bool may_be_pending =
      state.in_cluster || (state.step == Step::kElement && state.element.fate != Fate::kDropped);
  check.That(state.pending.bytes == 0 || may_be_pending,
             "something is under way between two elements");
  check.That(microseconds(0) <= state.pending.played && state.pending.played <= kPlayedMax,
             "what is not published plays for less than nothing, or for a century");
  check.Known("its codec", state.found.codec, kLastCodec);
  check.AtMost("the length of its title", state.title.size(), kTitleBytesMax);
  return std::move(check).status();
}

WebmFramer::WebmFramer(FramerState state)
    : CarryFramer(state.stats, std::move(state.carry)),
      state_(std::get<State>(std::move(state.format))) {}

FramerState WebmFramer::state() const { return {stats(), carry(), state_}; }

size_t WebmFramer::Take(Bytes window, Output& out) {
  switch (state_.step) {
    case Step::kSearch: return TakeSearching(window, out);
    case Step::kTopLevel: return TakeTopLevel(window, out);
    case Step::kCluster: return TakeInCluster(window, out);
    case Step::kElement: return TakeElement(window, out);
  }
  return 0;
}

size_t WebmFramer::TakeSearching(Bytes window, Output& out) {
  const absl::string_view text = AsText(window);
  const auto may_begin = [this, window, text](size_t at) {
    if (text[at] == kEbmlId[0]) return MayStartWith(window.subspan(at), kEbmlId);
    if (text[at] != kClusterId[0] || !state_.link.is_open) return false;
    return MayStartWith(window.subspan(at), kClusterId);
  };
  size_t at = 0;
  while (at < text.size() && !may_begin(at)) ++at;
  if (at > 0) {
    stats_.garbage_bytes += at;
    return at;
  }
  const ElementHeader header = ReadElementHeader(window);
  if (header.kind == Kind::kMore) return Want(header.header_bytes);
  Verdict verdict = Verdict::kNo;
  if (header.kind == Kind::kElement && IsEbmlHeader(header)) verdict = Verdict::kYes;
  if (header.kind == Kind::kElement && IsSaneCluster(header)) {
    verdict = BeginsAsClustersDo(window, header);
  }
  if (verdict == Verdict::kMore) return 0;
  if (verdict == Verdict::kYes) {
    state_.step = Step::kTopLevel;
    return TakeTopLevel(window, out);
  }
  stats_.garbage_bytes += 1;
  return 1;
}

// Whether what looks like a Cluster is one: its first element is of a Cluster, and within it.
WebmFramer::Verdict WebmFramer::BeginsAsClustersDo(Bytes window, const ElementHeader& cluster) {
  const ElementHeader first = ReadElementHeader(window.subspan(cluster.header_bytes));
  if (first.kind == Kind::kMore) {
    Want(size_t{cluster.header_bytes} + first.header_bytes);
    return Verdict::kMore;
  }
  const bool is_one =
      first.kind == Kind::kElement && IsOfCluster(first.id) && first.has_size &&
      first.body_bytes <= kWebmElementBytesMax &&
      (!cluster.has_size || first.header_bytes + first.body_bytes <= cluster.body_bytes);
  return is_one ? Verdict::kYes : Verdict::kNo;
}

size_t WebmFramer::TakeTopLevel(Bytes window, Output& out) {
  const ElementHeader header = ReadElementHeader(window);
  if (header.kind == Kind::kMore) return Want(header.header_bytes);
  if (header.kind == Kind::kNone) return Lose(window, out);
  switch (header.id) {
    case ElementId::kEbml: return TakeEbmlHeader(window, header, out);
    case ElementId::kSegment: return TakeSegment(window, header, out);
    case ElementId::kInfo:
    case ElementId::kTracks:
    case ElementId::kTags: return TakeDescription(window, header, out);
    case ElementId::kCluster: return TakeCluster(window, header, out);
    case ElementId::kSeekHead:
    case ElementId::kCues:
    case ElementId::kChapters:
    case ElementId::kAttachments:
    case ElementId::kVoid:
    case ElementId::kCrc32: return TakeNeedless(window, header, out);
    default: return Lose(window, out);
  }
}

// A new link begins, whatever was before.
size_t WebmFramer::TakeEbmlHeader(Bytes window, const ElementHeader& header, Output& out) {
  if (!IsEbmlHeader(header)) return Lose(window, out);
  state_.link.has_segment = false;
  state_.link.is_open = false;
  state_.link.is_timed = false;
  state_.link.header = {};
  state_.link.preamble.clear();
  out.SyncPoint(/*needs_preamble=*/false);
  return BeginElement(window, header, Fate::kPassedAndRead, out);
}

// Nothing a joiner needs; who listens from the beginning is sent what the source sent.
size_t WebmFramer::TakeNeedless(Bytes window, const ElementHeader& header, Output& out) {
  if (!header.has_size || header.body_bytes > kWebmNeedlessBytesMax) return Lose(window, out);
  const bool is_small = header.body_bytes <= kWebmElementBytesMax;
  return BeginElement(window, header, is_small ? Fate::kPassed : Fate::kDropped, out);
}

size_t WebmFramer::TakeSegment(Bytes window, const ElementHeader& header, Output& out) {
  const Bytes endless = AsBytes(kEndlessSegment);
  std::vector<std::byte>& preamble = state_.link.preamble;
  // A description that stood before it may have left no room.
  const bool is_short = preamble.size() + endless.size() <= kPreambleBytesMax;
  if (state_.link.has_segment || !is_short) return Lose(window, out);
  state_.link.has_segment = true;
  preamble.insert(preamble.end(), endless.begin(), endless.end());
  Put(window.first(header.header_bytes), out);
  Publish(out);
  return header.header_bytes;
}

// Info, Tracks or Tags.
size_t WebmFramer::TakeDescription(Bytes window, const ElementHeader& header, Output& out) {
  const bool is_tags = header.id == ElementId::kTags;
  const bool is_short =
      header.has_size && header.body_bytes <= kPreambleBytesMax &&
      state_.link.preamble.size() + header.header_bytes + header.body_bytes <= kPreambleBytesMax;
  // Nobody could join without the others, but tags that hold a picture are no loss.
  if (!is_short && !is_tags && !state_.link.is_open) return Lose(window, out);
  // What is said again of an open link cannot have changed, but for the tags.
  if (!is_short || (state_.link.is_open && !is_tags)) return TakeNeedless(window, header, out);
  return BeginElement(window, header, Fate::kPassedAndRead, out);
}

size_t WebmFramer::TakeCluster(Bytes window, const ElementHeader& header, Output& out) {
  const State::Link& link = state_.link;
  if (!link.has_segment || !link.header.has_tracks || !IsSaneCluster(header)) {
    return Lose(window, out);
  }
  switch (BeginsAsClustersDo(window, header)) {
    case Verdict::kMore: return 0;
    case Verdict::kNo: return Lose(window, out);
    case Verdict::kYes: break;
  }
  const WebmAhead ahead = LookForKeyframe(window, header, link.header.video_tracks);
  if (ahead.kind == WebmAhead::Kind::kMore && !is_ending_) return Want(ahead.bytes);
  if (!link.is_open) OpenLink(out);
  if (ahead.kind == WebmAhead::Kind::kYes) out.SyncPoint(/*needs_preamble=*/true);
  State::Cluster& cluster = state_.cluster;
  state_.in_cluster = true;
  cluster.has_size = header.has_size;
  cluster.is_whole = cluster.has_size && header.body_bytes <= kWholeClusterBytesMax;
  cluster.left_bytes = header.body_bytes;
  cluster.time = 0;
  state_.step = Step::kCluster;
  Put(window.first(header.header_bytes), out);  // published with the first element within
  return header.header_bytes;
}

size_t WebmFramer::TakeInCluster(Bytes window, Output& out) {
  const ElementHeader header = ReadElementHeader(window);
  if (header.kind == Kind::kMore) return Want(header.header_bytes);
  if (header.kind == Kind::kNone) return Lose(window, out);
  if (!state_.cluster.has_size && IsBesideClusters(header.id)) {
    state_.in_cluster = false;
    state_.step = Step::kTopLevel;
    return TakeTopLevel(window, out);
  }
  const uint64_t bytes = header.header_bytes + header.body_bytes;
  if (!IsOfCluster(header.id) || !header.has_size || header.body_bytes > kWebmElementBytesMax ||
      (state_.cluster.has_size && bytes > state_.cluster.left_bytes)) {
    return Lose(window, out);
  }
  switch (ReadTime(window, header)) {
    case Verdict::kMore: return 0;
    case Verdict::kNo: return Lose(window, out);
    case Verdict::kYes: break;
  }
  return BeginElement(window, header, Fate::kPassed, out);
}

// Reads what the element at the front says of time, if it does. kNo: it is broken.
WebmFramer::Verdict WebmFramer::ReadTime(Bytes window, const ElementHeader& header) {
  const bool is_time = header.id == ElementId::kTimestamp;
  const bool is_group = header.id == ElementId::kBlockGroup;
  if (!is_time && !is_group && header.id != ElementId::kSimpleBlock) return Verdict::kYes;
  if (is_time && header.body_bytes > sizeof(uint64_t)) return Verdict::kNo;
  const size_t enough = kWebmBlockHeaderBytesMax + (is_group ? kElementHeaderBytesMax : 0);
  const size_t body_bytes = std::min<size_t>(header.body_bytes, enough);
  if (window.size() < header.header_bytes + body_bytes) {
    Want(header.header_bytes + body_bytes);
    return Verdict::kMore;
  }
  Bytes body = window.subspan(header.header_bytes, body_bytes);
  if (is_time) {
    state_.cluster.time = EbmlUnsigned(body);
    return Verdict::kYes;
  }
  state_.pending.blocks += 1;
  if (is_group) {
    const ElementHeader first = ReadElementHeader(body);
    // The Block may stand behind something else; its time is then not worth the search.
    if (first.kind != Kind::kElement || first.id != ElementId::kBlock) return Verdict::kYes;
    body = body.subspan(first.header_bytes);
  }
  const WebmBlock block = ReadWebmBlock(body);
  if (!block.is_read) return Verdict::kNo;
  AdvanceTo(static_cast<int64_t>(state_.cluster.time + static_cast<uint64_t>(block.time)));
  return Verdict::kYes;
}

// A block's time was read, in units of the link.
void WebmFramer::AdvanceTo(int64_t time) {
  State::Link& link = state_.link;
  int64_t ns;
  const auto scale_ns = static_cast<int64_t>(link.header.timestamp_scale_ns);
  if (__builtin_mul_overflow(time, scale_ns, &ns)) return;
  const int64_t us = ns / 1000;
  const microseconds since(us - link.newest_us);
  const bool is_jump = !link.is_timed || since > kWebmTimeJumpMax || since < -kWebmTimeJumpMax;
  // Blocks of several tracks come a little out of order; the newest tells the time.
  if (!is_jump && since <= microseconds(0)) return;
  if (!is_jump) state_.pending.played += since;
  link.is_timed = true;
  link.newest_us = us;
}

size_t WebmFramer::BeginElement(Bytes window, const ElementHeader& header, Fate fate, Output& out) {
  State::Element& element = state_.element;
  element.id = header.id;
  element.bytes = header.header_bytes + header.body_bytes;
  element.left_bytes = element.bytes;
  element.fate = fate;
  element.kept.clear();
  state_.step = Step::kElement;
  return TakeElement(window, out);
}

size_t WebmFramer::TakeElement(Bytes window, Output& out) {
  State::Element& element = state_.element;
  const size_t take = std::min<uint64_t>(element.left_bytes, window.size());
  const Bytes bytes = window.first(take);
  if (element.fate == Fate::kDropped) {
    stats_.garbage_bytes += take;
  } else {
    Put(bytes, out);
  }
  if (element.fate == Fate::kPassedAndRead) {
    element.kept.insert(element.kept.end(), bytes.begin(), bytes.end());
  }
  element.left_bytes -= take;
  if (element.left_bytes > 0) return take;
  state_.step = state_.in_cluster ? Step::kCluster : Step::kTopLevel;
  if (state_.in_cluster) {
    state_.cluster.left_bytes -= state_.cluster.has_size ? element.bytes : 0;
    EndInCluster(out);
  } else {
    if (element.fate != Fate::kDropped) Publish(out);
    if (element.fate == Fate::kPassedAndRead) EndDescription(out);
  }
  return take;
}

// An element within a Cluster is whole.
void WebmFramer::EndInCluster(Output& out) {
  const bool is_end = state_.cluster.has_size && state_.cluster.left_bytes == 0;
  if (!state_.cluster.is_whole || is_end) Publish(out);
  if (!is_end) return;
  state_.in_cluster = false;
  state_.step = Step::kTopLevel;
}

// An element that tells of the stream is whole and published.
void WebmFramer::EndDescription(Output& out) {
  State::Link& link = state_.link;
  const Bytes element(state_.element.kept);
  const Bytes body = element.subspan(ReadElementHeader(element).header_bytes);
  if (state_.element.id == ElementId::kInfo) link.header.ReadInfo(body);
  if (state_.element.id == ElementId::kTracks) link.header.ReadTracks(body);
  if (state_.element.id == ElementId::kTags) link.header.ReadTags(body);
  if (!link.is_open) {
    link.preamble.insert(link.preamble.end(), element.begin(), element.end());
  } else {
    SayTitle(out);
  }
  state_.element.kept = {};
}

void WebmFramer::OpenLink(Output& out) {
  State::Link& link = state_.link;
  link.is_open = true;
  if (link.header.parameters != state_.found) {
    state_.found = link.header.parameters;
    out.Found(state_.found);
  }
  SayTitle(out);
  out.BeginLink(link.preamble);
  link.preamble = {};
}

void WebmFramer::SayTitle(Output& out) {
  std::string title = state_.link.header.Title();
  // Without a title that of before ends, but not one that was set from outside.
  if (!title.empty() || !state_.title.empty()) out.Title(title);
  state_.title = std::move(title);
}

void WebmFramer::Put(Bytes bytes, Output& out) {
  if (bytes.empty()) return;
  out.Append(bytes);
  state_.pending.bytes += bytes.size();
}

void WebmFramer::Publish(Output& out) {
  if (state_.in_cluster) stats_.audio_bytes += state_.pending.bytes;
  stats_.frames += state_.pending.blocks;
  stats_.played += state_.pending.played;
  out.Boundary(state_.pending.played);
  state_.pending = {};
}

// What comes cannot be: what is not published is torn. Nothing that the search accepts is refused
// by the state it leads to, so the two cannot call each other for ever.
size_t WebmFramer::Lose(Bytes window, Output& out) {
  stats_.resyncs += 1;
  DropPending(out);
  return TakeSearching(window, out);
}

void WebmFramer::DropPending(Output& out) {
  stats_.garbage_bytes += state_.pending.bytes;
  if (state_.pending.bytes > 0) out.Discard();
  state_.pending = {};
  state_.in_cluster = false;
  state_.step = Step::kSearch;
}

void WebmFramer::Finish(Bytes rest, Output& out) {
  // A Cluster without pictures may have been held back for the first one, which will not come.
  is_ending_ = true;
  for (size_t took = 1; took > 0 && !rest.empty(); rest = rest.subspan(took)) {
    took = Take(rest, out);
  }
  is_ending_ = false;
  DropPending(out);
  stats_.garbage_bytes += rest.size();
}

}  // namespace floe::audio
