// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/webm_framer.h"

#include <algorithm>

#include "base/limits.h"

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

}  // namespace

size_t WebmFramer::Take(Bytes window, Output& out) {
  switch (state_) {
    case State::kSearch: return TakeSearching(window, out);
    case State::kTopLevel: return TakeTopLevel(window, out);
    case State::kCluster: return TakeInCluster(window, out);
    case State::kElement: return TakeElement(window, out);
  }
  return 0;
}

size_t WebmFramer::TakeSearching(Bytes window, Output& out) {
  const absl::string_view text = AsText(window);
  const auto may_begin = [this, window, text](size_t at) {
    if (text[at] == kEbmlId[0]) return MayStartWith(window.subspan(at), kEbmlId);
    if (text[at] != kClusterId[0] || !is_open_) return false;
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
    state_ = State::kTopLevel;
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
  has_segment_ = false;
  is_open_ = false;
  is_timed_ = false;
  header_ = {};
  preamble_.clear();
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
  // A description that stood before it may have left no room.
  const bool is_short = preamble_.size() + endless.size() <= kPreambleBytesMax;
  if (has_segment_ || !is_short) return Lose(window, out);
  has_segment_ = true;
  preamble_.insert(preamble_.end(), endless.begin(), endless.end());
  Put(window.first(header.header_bytes), out);
  Publish(out);
  return header.header_bytes;
}

// Info, Tracks or Tags.
size_t WebmFramer::TakeDescription(Bytes window, const ElementHeader& header, Output& out) {
  const bool is_tags = header.id == ElementId::kTags;
  const bool is_short =
      header.has_size && header.body_bytes <= kPreambleBytesMax &&
      preamble_.size() + header.header_bytes + header.body_bytes <= kPreambleBytesMax;
  // Nobody could join without the others, but tags that hold a picture are no loss.
  if (!is_short && !is_tags && !is_open_) return Lose(window, out);
  // What is said again of an open link cannot have changed, but for the tags.
  if (!is_short || (is_open_ && !is_tags)) return TakeNeedless(window, header, out);
  return BeginElement(window, header, Fate::kPassedAndRead, out);
}

size_t WebmFramer::TakeCluster(Bytes window, const ElementHeader& header, Output& out) {
  if (!has_segment_ || !header_.has_tracks || !IsSaneCluster(header)) return Lose(window, out);
  switch (BeginsAsClustersDo(window, header)) {
    case Verdict::kMore: return 0;
    case Verdict::kNo: return Lose(window, out);
    case Verdict::kYes: break;
  }
  const WebmAhead ahead = LookForKeyframe(window, header, header_.video_tracks);
  if (ahead.kind == WebmAhead::Kind::kMore && !is_ending_) return Want(ahead.bytes);
  if (!is_open_) OpenLink(out);
  if (ahead.kind == WebmAhead::Kind::kYes) out.SyncPoint(/*needs_preamble=*/true);
  in_cluster_ = true;
  has_size_ = header.has_size;
  is_whole_ = has_size_ && header.body_bytes <= kWholeClusterBytesMax;
  cluster_left_bytes_ = header.body_bytes;
  cluster_time_ = 0;
  state_ = State::kCluster;
  Put(window.first(header.header_bytes), out);  // published with the first element within
  return header.header_bytes;
}

size_t WebmFramer::TakeInCluster(Bytes window, Output& out) {
  const ElementHeader header = ReadElementHeader(window);
  if (header.kind == Kind::kMore) return Want(header.header_bytes);
  if (header.kind == Kind::kNone) return Lose(window, out);
  if (!has_size_ && IsBesideClusters(header.id)) {
    in_cluster_ = false;
    state_ = State::kTopLevel;
    return TakeTopLevel(window, out);
  }
  const uint64_t bytes = header.header_bytes + header.body_bytes;
  if (!IsOfCluster(header.id) || !header.has_size || header.body_bytes > kWebmElementBytesMax ||
      (has_size_ && bytes > cluster_left_bytes_)) {
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
    cluster_time_ = EbmlUnsigned(body);
    return Verdict::kYes;
  }
  pending_blocks_ += 1;
  if (is_group) {
    const ElementHeader first = ReadElementHeader(body);
    // The Block may stand behind something else; its time is then not worth the search.
    if (first.kind != Kind::kElement || first.id != ElementId::kBlock) return Verdict::kYes;
    body = body.subspan(first.header_bytes);
  }
  const WebmBlock block = ReadWebmBlock(body);
  if (!block.is_read) return Verdict::kNo;
  AdvanceTo(static_cast<int64_t>(cluster_time_ + static_cast<uint64_t>(block.time)));
  return Verdict::kYes;
}

// A block's time was read, in units of the link.
void WebmFramer::AdvanceTo(int64_t time) {
  int64_t ns;
  if (__builtin_mul_overflow(time, static_cast<int64_t>(header_.timestamp_scale_ns), &ns)) return;
  const int64_t us = ns / 1000;
  const microseconds since(us - newest_us_);
  const bool is_jump = !is_timed_ || since > kWebmTimeJumpMax || since < -kWebmTimeJumpMax;
  // Blocks of several tracks come a little out of order; the newest tells the time.
  if (!is_jump && since <= microseconds(0)) return;
  if (!is_jump) pending_played_ += since;
  is_timed_ = true;
  newest_us_ = us;
}

size_t WebmFramer::BeginElement(Bytes window, const ElementHeader& header, Fate fate, Output& out) {
  element_ = header.id;
  element_bytes_ = header.header_bytes + header.body_bytes;
  left_bytes_ = element_bytes_;
  fate_ = fate;
  kept_.clear();
  state_ = State::kElement;
  return TakeElement(window, out);
}

size_t WebmFramer::TakeElement(Bytes window, Output& out) {
  const size_t take = std::min<uint64_t>(left_bytes_, window.size());
  const Bytes bytes = window.first(take);
  if (fate_ == Fate::kDropped) {
    stats_.garbage_bytes += take;
  } else {
    Put(bytes, out);
  }
  if (fate_ == Fate::kPassedAndRead) kept_.insert(kept_.end(), bytes.begin(), bytes.end());
  left_bytes_ -= take;
  if (left_bytes_ > 0) return take;
  state_ = in_cluster_ ? State::kCluster : State::kTopLevel;
  if (in_cluster_) {
    cluster_left_bytes_ -= has_size_ ? element_bytes_ : 0;
    EndInCluster(out);
  } else {
    if (fate_ != Fate::kDropped) Publish(out);
    if (fate_ == Fate::kPassedAndRead) EndDescription(out);
  }
  return take;
}

// An element within a Cluster is whole.
void WebmFramer::EndInCluster(Output& out) {
  const bool is_end = has_size_ && cluster_left_bytes_ == 0;
  if (!is_whole_ || is_end) Publish(out);
  if (!is_end) return;
  in_cluster_ = false;
  state_ = State::kTopLevel;
}

// An element that tells of the stream is whole and published.
void WebmFramer::EndDescription(Output& out) {
  const Bytes element(kept_);
  const Bytes body = element.subspan(ReadElementHeader(element).header_bytes);
  if (element_ == ElementId::kInfo) header_.ReadInfo(body);
  if (element_ == ElementId::kTracks) header_.ReadTracks(body);
  if (element_ == ElementId::kTags) header_.ReadTags(body);
  if (!is_open_) {
    preamble_.insert(preamble_.end(), element.begin(), element.end());
  } else {
    SayTitle(out);
  }
  kept_ = {};
}

void WebmFramer::OpenLink(Output& out) {
  is_open_ = true;
  if (header_.parameters != found_) {
    found_ = header_.parameters;
    out.Found(found_);
  }
  SayTitle(out);
  out.BeginLink(preamble_);
  preamble_ = {};
}

void WebmFramer::SayTitle(Output& out) {
  std::string title = header_.Title();
  // Without a title that of before ends, but not one that was set from outside.
  if (!title.empty() || !title_.empty()) out.Title(title);
  title_ = std::move(title);
}

void WebmFramer::Put(Bytes bytes, Output& out) {
  if (bytes.empty()) return;
  out.Append(bytes);
  pending_bytes_ += bytes.size();
}

void WebmFramer::Publish(Output& out) {
  if (in_cluster_) stats_.audio_bytes += pending_bytes_;
  stats_.frames += pending_blocks_;
  stats_.played += pending_played_;
  out.Boundary(pending_played_);
  pending_bytes_ = 0;
  pending_blocks_ = 0;
  pending_played_ = microseconds(0);
}

// What comes cannot be: what is not published is torn. Nothing that the search accepts is refused
// by the state it leads to, so the two cannot call each other for ever.
size_t WebmFramer::Lose(Bytes window, Output& out) {
  stats_.resyncs += 1;
  DropPending(out);
  return TakeSearching(window, out);
}

void WebmFramer::DropPending(Output& out) {
  stats_.garbage_bytes += pending_bytes_;
  if (pending_bytes_ > 0) out.Discard();
  pending_bytes_ = 0;
  pending_blocks_ = 0;
  pending_played_ = microseconds(0);
  in_cluster_ = false;
  state_ = State::kSearch;
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
