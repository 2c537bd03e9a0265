// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/header_framer.h"

#include <algorithm>
#include <cstring>

#include "base/state_check.h"

namespace floe::audio {

absl::Status HeaderFramer::Check(const State& state) {
  StateCheck check("framer of MPEG audio or ADTS");
  check.Known("its step", state.step, Step::kInTag);
  check.Known("its step after a tag", state.after_tag, Step::kAtHeader);
  check.Known("its codec", state.found.codec, kLastCodec);
  check.Known("its frame's codec", state.frame.parameters.codec, kLastCodec);
  check.AtMost("the length of a frame", state.frame.frame_bytes, kHeaderFrameBytesMax);
  if (state.step == Step::kInFrame) {
    check.AtMost("what is left of a frame", state.left_bytes, state.frame.frame_bytes);
    check.That(state.left_bytes > 0, "nothing is left of the frame under way");
  }
  if (state.step == Step::kInTag) {
    check.AtMost("what is left of a tag", state.left_bytes, kTagBytesMax);
    check.That(state.left_bytes > 0, "nothing is left of the tag under way");
  }
  check.That(state.clock.IsPossible(), "more is left of a microsecond than a whole one");
  return std::move(check).status();
}

size_t HeaderFramer::Take(Bytes window, Output& out) {
  switch (state_.step) {
    case Step::kSearch: return TakeSearching(window, out);
    case Step::kAtHeader: return TakeHeader(window, out);
    case Step::kInFrame: return TakeFrame(window, out);
    case Step::kInTag: return TakeTag(window);
  }
  return 0;
}

size_t HeaderFramer::TakeSearching(Bytes window, Output& out) {
  if (state_.may_be_tag) {
    const TagSight tag = LookForTag(window);
    if (tag.kind == TagSight::Kind::kMore) return Want(tag.bytes);
    if (tag.kind == TagSight::Kind::kTag) return BeginTag(window, tag.bytes, Step::kSearch);
  }
  const void* sync = std::memchr(window.data(), 0xff, window.size());
  const size_t before =
      sync == nullptr ? window.size() : static_cast<const std::byte*>(sync) - window.data();
  if (before > 0) {
    state_.may_be_tag = false;
    stats_.garbage_bytes += before;
    return before;
  }
  switch (Confirm(window)) {
    case Verdict::kMore: return 0;
    case Verdict::kYes: Lock(window, out); return TakeHeader(window, out);
    case Verdict::kNo: break;
  }
  state_.may_be_tag = false;
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
  state_.frame = HeaderAt(window);
  // The first frame may be a Xing or LAME one, of another bitrate than the audio's.
  const FrameHeader second = HeaderAt(window.subspan(state_.frame.frame_bytes));
  state_.step = Step::kAtHeader;
  if (second.parameters == state_.found) return;
  state_.found = second.parameters;
  out.Found(state_.found);
}

size_t HeaderFramer::TakeHeader(Bytes window, Output& out) {
  if (window.size() < header_bytes_) return Want(header_bytes_);
  const FrameHeader header = HeaderAt(window);
  if (header.key == state_.frame.key && header.frame_bytes != 0) {
    state_.frame = header;
    state_.left_bytes = header.frame_bytes;
    state_.step = Step::kInFrame;
    out.SyncPoint(/*needs_preamble=*/false);
    return TakeFrame(window, out);
  }
  const TagSight tag = LookForTag(window);
  if (tag.kind == TagSight::Kind::kMore) return Want(tag.bytes);
  if (tag.kind == TagSight::Kind::kTag) return BeginTag(window, tag.bytes, Step::kAtHeader);
  stats_.resyncs += 1;
  state_.step = Step::kSearch;
  state_.may_be_tag = false;  // it was looked for just now
  OnLost();
  return TakeSearching(window, out);
}

size_t HeaderFramer::TakeFrame(Bytes window, Output& out) {
  const size_t take = std::min<size_t>(state_.left_bytes, window.size());
  out.Append(window.first(take));
  state_.left_bytes -= static_cast<uint32_t>(take);
  if (state_.left_bytes == 0) {
    const microseconds played =
        state_.clock.Advance(state_.frame.samples, state_.frame.parameters.sample_rate_hz);
    stats_.frames += 1;
    stats_.audio_bytes += state_.frame.frame_bytes;
    stats_.played += played;
    state_.step = Step::kAtHeader;
    out.Boundary(played);
  }
  return take;
}

size_t HeaderFramer::BeginTag(Bytes window, uint32_t bytes, Step after) {
  state_.left_bytes = bytes;
  state_.after_tag = after;
  state_.step = Step::kInTag;
  return TakeTag(window);
}

size_t HeaderFramer::TakeTag(Bytes window) {
  const size_t take = std::min<size_t>(state_.left_bytes, window.size());
  state_.left_bytes -= static_cast<uint32_t>(take);
  stats_.garbage_bytes += take;
  if (state_.left_bytes == 0) {
    state_.step = state_.after_tag;
    state_.may_be_tag = true;
  }
  return take;
}

void HeaderFramer::Finish(Bytes rest, Output& out) {
  if (state_.step == Step::kInFrame) {
    stats_.garbage_bytes += state_.frame.frame_bytes - state_.left_bytes;
    out.Discard();
  }
  stats_.garbage_bytes += rest.size();
  state_.step = Step::kSearch;
  state_.may_be_tag = true;
  OnLost();
}

}  // namespace floe::audio
