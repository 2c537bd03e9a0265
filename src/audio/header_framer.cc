// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/header_framer.h"

#include <algorithm>
#include <cstring>

namespace floe::audio {

size_t HeaderFramer::Take(Bytes window, Output& out) {
  switch (state_) {
    case State::kSearch: return TakeSearching(window, out);
    case State::kAtHeader: return TakeHeader(window, out);
    case State::kInFrame: return TakeFrame(window, out);
    case State::kInTag: return TakeTag(window);
  }
  return 0;
}

size_t HeaderFramer::TakeSearching(Bytes window, Output& out) {
  if (may_be_tag_) {
    const TagSight tag = LookForTag(window);
    if (tag.kind == TagSight::Kind::kMore) return Want(tag.bytes);
    if (tag.kind == TagSight::Kind::kTag) return BeginTag(window, tag.bytes, State::kSearch);
  }
  const void* sync = std::memchr(window.data(), 0xff, window.size());
  const size_t before =
      sync == nullptr ? window.size() : static_cast<const std::byte*>(sync) - window.data();
  if (before > 0) {
    may_be_tag_ = false;
    stats_.garbage_bytes += before;
    return before;
  }
  switch (Confirm(window)) {
    case Verdict::kMore: return 0;
    case Verdict::kYes: Lock(window, out); return TakeHeader(window, out);
    case Verdict::kNo: break;
  }
  may_be_tag_ = false;
  stats_.garbage_bytes += 1;
  return 1;
}

HeaderFramer::Verdict HeaderFramer::Confirm(Bytes window) {
  size_t at = 0;
  uint32_t key = 0;
  for (int seen = 0; seen < kLockHeaders; ++seen) {
    if (window.size() < at + header_bytes_) {
      Want(at + header_bytes_);
      return Verdict::kMore;
    }
    const FrameHeader header = HeaderAt(window.subspan(at));
    if (header.key == 0 || header.frame_bytes == 0) return Verdict::kNo;
    if (seen > 0 && header.key != key) return Verdict::kNo;
    key = header.key;
    at += header.frame_bytes;
  }
  return Verdict::kYes;
}

// REQUIRES: Confirm said kYes of this window.
void HeaderFramer::Lock(Bytes window, Output& out) {
  frame_ = HeaderAt(window);
  // The first frame may be a Xing or LAME one, of another bitrate than the audio's.
  const FrameHeader second = HeaderAt(window.subspan(frame_.frame_bytes));
  state_ = State::kAtHeader;
  if (second.parameters == found_) return;
  found_ = second.parameters;
  out.Found(found_);
}

size_t HeaderFramer::TakeHeader(Bytes window, Output& out) {
  if (window.size() < header_bytes_) return Want(header_bytes_);
  const FrameHeader header = HeaderAt(window);
  if (header.key == frame_.key && header.frame_bytes != 0) {
    frame_ = header;
    left_bytes_ = header.frame_bytes;
    state_ = State::kInFrame;
    out.SyncPoint(/*needs_preamble=*/false);
    return TakeFrame(window, out);
  }
  const TagSight tag = LookForTag(window);
  if (tag.kind == TagSight::Kind::kMore) return Want(tag.bytes);
  if (tag.kind == TagSight::Kind::kTag) return BeginTag(window, tag.bytes, State::kAtHeader);
  stats_.resyncs += 1;
  state_ = State::kSearch;
  may_be_tag_ = false;  // it was looked for just now
  OnLost();
  return TakeSearching(window, out);
}

size_t HeaderFramer::TakeFrame(Bytes window, Output& out) {
  const size_t take = std::min<size_t>(left_bytes_, window.size());
  out.Append(window.first(take));
  left_bytes_ -= static_cast<uint32_t>(take);
  if (left_bytes_ == 0) {
    const microseconds played = clock_.Advance(frame_.samples, frame_.parameters.sample_rate_hz);
    stats_.frames += 1;
    stats_.audio_bytes += frame_.frame_bytes;
    stats_.played += played;
    state_ = State::kAtHeader;
    out.Boundary(played);
  }
  return take;
}

size_t HeaderFramer::BeginTag(Bytes window, uint32_t bytes, State after) {
  left_bytes_ = bytes;
  after_tag_ = after;
  state_ = State::kInTag;
  return TakeTag(window);
}

size_t HeaderFramer::TakeTag(Bytes window) {
  const size_t take = std::min<size_t>(left_bytes_, window.size());
  left_bytes_ -= static_cast<uint32_t>(take);
  stats_.garbage_bytes += take;
  if (left_bytes_ == 0) {
    state_ = after_tag_;
    may_be_tag_ = true;
  }
  return take;
}

void HeaderFramer::Finish(Bytes rest, Output& out) {
  if (state_ == State::kInFrame) {
    stats_.garbage_bytes += frame_.frame_bytes - left_bytes_;
    out.Discard();
  }
  stats_.garbage_bytes += rest.size();
  state_ = State::kSearch;
  may_be_tag_ = true;
  OnLost();
}

}  // namespace floe::audio
