// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/flac_framer.h"

#include <algorithm>
#include <cstring>

#include "audio/comments.h"
#include "audio/crc.h"
#include "audio/framer_state.h"
#include "base/limits.h"
#include "base/state_check.h"

namespace floe::audio {
namespace {

using Kind = FlacFrameHeader::Kind;

constexpr absl::string_view kMagic = "fLaC";
constexpr size_t kMagicAndHeaderBytes = 4 + kFlacBlockHeaderBytes;
constexpr uint8_t kBlockKindInvalid = 127;
constexpr size_t kFooterBytes = 2;
constexpr size_t kStreamInfoBlockBytes = kFlacBlockHeaderBytes + kFlacStreamInfoBytes;
constexpr size_t kCommentBlockBytesMax = kFlacBlockHeaderBytes + kFlacCommentBytesMax;
constexpr size_t kBlockBytesMax = kFlacBlockHeaderBytes + 0xffffff;  // 24 bits say the body's
constexpr uint64_t kFramesLostMax = 64;  // between two that follow one another, if bytes were lost

// Whether a stream may begin at the front of `window`; so many bytes cannot be chance.
bool MayBeMagic(Bytes window) {
  if (!MayStartWith(window, kMagic)) return false;
  if (window.size() < kMagicAndHeaderBytes) return true;
  return (U8(window, 4) & ~kFlacLastBlock) == kFlacStreamInfo &&
         BigEndian(window, 5, 3) == kFlacStreamInfoBytes;
}

// How many bytes stand before the next one at which a frame or a stream may begin.
size_t BytesBeforeMark(Bytes window) {
  const void* sync = std::memchr(window.data(), 0xff, window.size());
  const size_t end =
      sync == nullptr ? window.size() : static_cast<const std::byte*>(sync) - window.data();
  for (size_t at = 0; at < end; ++at) {
    const void* found = std::memchr(window.data() + at, kMagic[0], end - at);
    if (found == nullptr) return end;
    at = static_cast<const std::byte*>(found) - window.data();
    if (MayBeMagic(window.subspan(at))) return at;
  }
  return end;
}

// More than a frame of uncompressed samples takes, doubled: no encoder writes more.
size_t FrameBytesMax(const FlacFrameHeader& header, const FlacStreamInfo& info) {
  const uint64_t bits = uint64_t{header.samples} * info.channels * (info.sample_bits + 1);
  return std::min<uint64_t>(kFlacFrameBytesMax, bits / 8 * 2 + 256);
}

void SetLast(std::vector<std::byte>& block, bool is_last) {
  constexpr std::byte kLast{kFlacLastBlock};
  block[0] = is_last ? block[0] | kLast : block[0] & ~kLast;
}

// The total length and the checksum of all samples are of those who hear them all.
void ForgetTotals(std::vector<std::byte>& stream_info) {
  constexpr size_t kTotalAt = kFlacBlockHeaderBytes + 13;  // its upper half byte is something else
  stream_info[kTotalAt] &= std::byte{0xf0};
  std::fill(stream_info.begin() + kTotalAt + 1, stream_info.end(), std::byte{0});
}

void CheckBlock(const FlacFramer::State& state, StateCheck* check) {
  const size_t info_bytes = state.link.stream_info.size();
  const size_t comment_bytes = state.link.comments.size();
  const uint64_t left_bytes = state.block.left_bytes;
  check->Known("what is kept of a block", state.block.kept, FlacFramer::Kept::kComments);
  check->AtMost("the length of STREAMINFO", info_bytes, kStreamInfoBlockBytes);
  check->AtMost("the length of the comments", comment_bytes, kCommentBlockBytesMax);
  check->That(comment_bytes == 0 || comment_bytes >= kFlacBlockHeaderBytes,
              "the comments' header is torn");
  if (state.step != FlacFramer::Step::kBlock) return;
  check->That(left_bytes > 0, "nothing is left of the block under way");
  check->AtMost("what is left of a block", left_bytes, kBlockBytesMax);
  if (state.block.kept == FlacFramer::Kept::kStreamInfo) {
    check->AtMost("the length of STREAMINFO", info_bytes + left_bytes, kStreamInfoBlockBytes);
  }
  if (state.block.kept == FlacFramer::Kept::kComments) {
    check->AtMost("the length of the comments", comment_bytes + left_bytes, kCommentBlockBytesMax);
    check->That(comment_bytes > 0, "comments are kept without their header");
  }
}

void CheckFrame(const FlacFramer::State& state, StateCheck* check) {
  const FlacStreamInfo& info = state.link.info;
  const FlacFramer::State::Frame& frame = state.frame;
  check->AtMost("the number of channels", info.channels, kFlacChannelsMax);
  check->AtMost("the size of a sample", info.sample_bits, kFlacSampleBitsMax);
  check->AtMost("the number of samples in a block", info.block_samples_max, kFlacBlockSamplesMax);
  check->AtMost("the longest length of a frame", frame.bytes_max, kFlacFrameBytesMax);
  check->AtMost("the length of a frame", frame.bytes.size(), frame.bytes_max);
  check->AtMost("the number of samples of a frame", frame.header.samples, kFlacBlockSamplesMax);
  check->Known("the kind of a frame's header", frame.header.kind, Kind::kFrame);
  check->AtMost("the length of a frame's header", frame.header.header_bytes,
                kFlacFrameHeaderBytesMax);
  const bool has_frames =
      state.step == FlacFramer::Step::kSearch || state.step == FlacFramer::Step::kFrame;
  check->That(!has_frames || info.sample_rate_hz > 0, "frames come without a STREAMINFO");
}

}  // namespace

absl::Status FlacFramer::Check(const State& state) {
  StateCheck check("framer of FLAC");
  check.Known("its step", state.step, Step::kFrame);
  CheckBlock(state, &check);
  CheckFrame(state, &check);
  check.AtMost("the length of its title", state.title.size(), kTitleBytesMax);
  check.Known("its codec", state.found.codec, kLastCodec);
  check.That(state.clock.IsPossible(), "more is left of a microsecond than a whole one");
  return std::move(check).status();
}

FlacFramer::FlacFramer(FramerState state)
    : CarryFramer(state.stats, std::move(state.carry)),
      state_(std::get<State>(std::move(state.format))) {}

FramerState FlacFramer::state() const { return {stats(), carry(), state_}; }

size_t FlacFramer::Take(Bytes window, Output& out) {
  switch (state_.step) {
    case Step::kMagic: return TakeMagic(window);
    case Step::kBlockHeader: return TakeBlockHeader(window, out);
    case Step::kBlock: return TakeBlock(window, out);
    case Step::kSearch: return TakeSearching(window);
    case Step::kFrame: return TakeFrame(window, out);
  }
  return 0;
}

size_t FlacFramer::TakeMagic(Bytes window) {
  if (MayBeMagic(window)) {
    if (window.size() < kMagicAndHeaderBytes) return Want(kMagicAndHeaderBytes);
    state_.link.stream_info.clear();
    state_.link.comments.clear();
    state_.step = Step::kBlockHeader;
    return kMagic.size();
  }
  // A mark of a frame says nothing before the stream's header did.
  const size_t garbage = std::max<size_t>(1, BytesBeforeMark(window));
  stats_.garbage_bytes += garbage;
  return garbage;
}

size_t FlacFramer::TakeBlockHeader(Bytes window, Output& out) {
  State::Block& block = state_.block;
  if (window.size() < kFlacBlockHeaderBytes) return Want(kFlacBlockHeaderBytes);
  const uint8_t kind = U8(window, 0) & ~kFlacLastBlock;
  const uint32_t body_bytes = static_cast<uint32_t>(BigEndian(window, 1, 3));
  const bool is_first = state_.link.stream_info.empty();
  const bool is_info = kind == kFlacStreamInfo && body_bytes == kFlacStreamInfoBytes;
  // The first was looked at with the magic; that it is right is not left to a state handed over.
  if (is_first ? !is_info : kind == kBlockKindInvalid) {
    stats_.resyncs += 1;
    state_.step = Step::kMagic;
    return TakeMagic(window);
  }
  block.kept = Kept::kNothing;
  if (is_first) {
    block.kept = Kept::kStreamInfo;
  } else if (kind == kFlacVorbisComment && state_.link.comments.empty() &&
             body_bytes <= kFlacCommentBytesMax) {
    block.kept = Kept::kComments;
  }
  block.is_last = (U8(window, 0) & kFlacLastBlock) != 0;
  block.left_bytes = kFlacBlockHeaderBytes + body_bytes;
  state_.step = Step::kBlock;
  return TakeBlock(window, out);
}

size_t FlacFramer::TakeBlock(Bytes window, Output& out) {
  State::Link& link = state_.link;
  State::Block& block = state_.block;
  const size_t take = std::min<size_t>(block.left_bytes, window.size());
  const Bytes bytes = window.first(take);
  if (block.kept != Kept::kNothing) {
    std::vector<std::byte>& kept = block.kept == Kept::kComments ? link.comments : link.stream_info;
    kept.insert(kept.end(), bytes.begin(), bytes.end());
  }
  block.left_bytes -= static_cast<uint32_t>(take);
  if (block.left_bytes > 0) return take;
  state_.step = Step::kBlockHeader;
  if (!block.is_last) return take;
  link.info = ReadFlacStreamInfo(link.stream_info);
  state_.step = link.info.sample_rate_hz == 0 ? Step::kMagic : Step::kSearch;
  if (state_.step == Step::kSearch) BeginLink(out);
  return take;
}

void FlacFramer::BeginLink(Output& out) {
  State::Link& link = state_.link;
  const Parameters parameters{.codec = Codec::kFlac,
                              .sample_rate_hz = link.info.sample_rate_hz,
                              .channels = link.info.channels};
  if (parameters != state_.found) {
    state_.found = parameters;
    out.Found(state_.found);
  }
  std::string title;
  if (!link.comments.empty()) {
    title = TitleOfComments(Bytes(link.comments).subspan(kFlacBlockHeaderBytes));
  }
  // A link without a title ends that of the link before, but not one that was set from outside.
  if (!title.empty() || !state_.title.empty()) out.Title(title);
  state_.title = std::move(title);

  const Bytes magic = AsBytes(kMagic);
  std::vector<std::byte> preamble(magic.begin(), magic.end());
  ForgetTotals(link.stream_info);
  SetLast(link.stream_info, link.comments.empty());
  preamble.insert(preamble.end(), link.stream_info.begin(), link.stream_info.end());
  if (!link.comments.empty()) SetLast(link.comments, true);
  preamble.insert(preamble.end(), link.comments.begin(), link.comments.end());
  out.BeginLink(preamble);
  state_.is_sure = true;
}

size_t FlacFramer::TakeSearching(Bytes window) {
  if (MayBeMagic(window)) {
    if (window.size() < kMagicAndHeaderBytes) return Want(kMagicAndHeaderBytes);
    state_.step = Step::kMagic;
    return TakeMagic(window);
  }
  const FlacFrameHeader header = ReadFlacFrameHeader(window, state_.link.info);
  if (header.kind == Kind::kMore) return Want(header.header_bytes);
  if (header.kind == Kind::kFrame) return TakeFrameHeader(window, header);
  const size_t garbage = std::max<size_t>(1, BytesBeforeMark(window));
  stats_.garbage_bytes += garbage;
  state_.is_sure = false;
  return garbage;
}

size_t FlacFramer::TakeFrameHeader(Bytes window, const FlacFrameHeader& header) {
  state_.frame.header = header;
  state_.frame.bytes_max = FrameBytesMax(header, state_.link.info);
  state_.frame.bytes.clear();
  state_.frame.sum = 0;
  state_.step = Step::kFrame;
  return TakeOfFrame(window.first(header.header_bytes));
}

size_t FlacFramer::TakeOfFrame(Bytes bytes) {
  State::Frame& frame = state_.frame;
  bytes = bytes.first(std::min(bytes.size(), frame.bytes_max - frame.bytes.size()));
  frame.bytes.insert(frame.bytes.end(), bytes.begin(), bytes.end());
  frame.sum = FlacCrc16(frame.sum, bytes);
  return bytes.size();
}

size_t FlacFramer::TakeFrame(Bytes window, Output& out) {
  if (state_.frame.bytes.size() == state_.frame.bytes_max) {
    DropFrame();
    return TakeSearching(window);
  }
  if (MayBeMagic(window)) {
    if (window.size() < kMagicAndHeaderBytes) return Want(kMagicAndHeaderBytes);
    EndFrame(WholeBytes(), out);
    state_.step = Step::kMagic;
    return TakeMagic(window);
  }
  const FlacFrameHeader next = ReadFlacFrameHeader(window, state_.link.info);
  if (next.kind == Kind::kMore) return Want(next.header_bytes);
  if (next.kind == Kind::kFrame &&
      (state_.frame.sum == 0 || !state_.is_sure || FollowsFrame(next))) {
    if (state_.frame.sum == 0 || state_.is_sure) {
      EndFrame(WholeBytes(), out);
    } else {
      DropFrame();  // it began amid garbage: this header is as good
    }
    return TakeFrameHeader(window, next);
  }
  return TakeOfFrame(window.first(std::max<size_t>(1, BytesBeforeMark(window))));
}

// Whether `next` continues the count of the frame under way, but for a few that were lost.
bool FlacFramer::FollowsFrame(const FlacFrameHeader& next) const {
  const FlacFrameHeader& header = state_.frame.header;
  const uint64_t step = next.is_variable ? state_.link.info.block_samples_max : 1;
  return next.is_variable == header.is_variable && next.number > header.number &&
         next.number - header.number <= step * kFramesLostMax;
}

// How much of what came since the frame's header is the frame, if another one follows now: up to
// the last place where the checksum is right, since what comes between frames is mostly short.
// 0: there is none.
size_t FlacFramer::WholeBytes() const {
  const std::vector<std::byte>& frame = state_.frame.bytes;
  const size_t least = state_.frame.header.header_bytes + kFooterBytes + 1;
  const auto zeros = static_cast<size_t>(
      std::find_if(frame.rbegin(), frame.rend(), [](std::byte b) { return b != std::byte{0}; }) -
      frame.rbegin());
  // Zeros do not change a checksum of 0. Those of the footer itself belong to the frame.
  if (state_.frame.sum == 0) {
    const size_t whole = zeros <= kFooterBytes ? frame.size() : frame.size() - zeros;
    return whole < least ? 0 : whole;
  }
  uint16_t sum = 0;
  size_t whole = 0, right_since = 0;
  for (size_t i = 0; i < frame.size(); ++i) {
    const bool was_right = sum == 0;
    sum = FlacCrc16(sum, Bytes(frame).subspan(i, 1));
    if (sum != 0) continue;
    if (!was_right) right_since = i + 1;
    whole = i + 1 - right_since <= kFooterBytes ? i + 1 : right_since;
  }
  return whole < least ? 0 : whole;
}

// The first `bytes` of what came are a frame, the rest is garbage; 0: all of it is.
void FlacFramer::EndFrame(size_t bytes, Output& out) {
  if (bytes == 0) return DropFrame();
  State::Frame& frame = state_.frame;
  const microseconds played =
      state_.clock.Advance(frame.header.samples, state_.link.info.sample_rate_hz);
  out.SyncPoint(/*needs_preamble=*/true);
  out.Append(Bytes(frame.bytes).first(bytes));
  out.Boundary(played);
  stats_.frames += 1;
  stats_.audio_bytes += bytes;
  stats_.played += played;
  if (bytes < frame.bytes.size()) stats_.resyncs += 1;
  stats_.garbage_bytes += frame.bytes.size() - bytes;
  frame.bytes.clear();
  state_.is_sure = true;
  state_.step = Step::kSearch;
}

void FlacFramer::DropFrame() {
  stats_.garbage_bytes += state_.frame.bytes.size();
  if (state_.is_sure) stats_.resyncs += 1;
  state_.frame.bytes.clear();
  state_.is_sure = false;
  state_.step = Step::kSearch;
}

void FlacFramer::Finish(Bytes rest, Output& out) {
  if (state_.step == Step::kFrame) {
    // The last frame has no successor: it is whole if its checksum says so. The rest is the front
    // of a torn one, or else the end of this one.
    if (state_.frame.sum != 0) rest = rest.subspan(TakeOfFrame(rest));
    EndFrame(state_.frame.sum == 0 ? WholeBytes() : 0, out);
  }
  stats_.garbage_bytes += rest.size();
  state_.step = Step::kMagic;
}

}  // namespace floe::audio
