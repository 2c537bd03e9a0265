// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/flac_framer.h"

#include <algorithm>
#include <cstring>

#include "audio/comments.h"
#include "audio/crc.h"

namespace floe::audio {
namespace {

using Kind = FlacFrameHeader::Kind;

constexpr absl::string_view kMagic = "fLaC";
constexpr size_t kMagicAndHeaderBytes = 4 + kFlacBlockHeaderBytes;
constexpr uint8_t kBlockKindInvalid = 127;
constexpr size_t kFooterBytes = 2;
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

}  // namespace

size_t FlacFramer::Take(Bytes window, Output& out) {
  switch (state_) {
    case State::kMagic: return TakeMagic(window);
    case State::kBlockHeader: return TakeBlockHeader(window, out);
    case State::kBlock: return TakeBlock(window, out);
    case State::kSearch: return TakeSearching(window);
    case State::kFrame: return TakeFrame(window, out);
  }
  return 0;
}

size_t FlacFramer::TakeMagic(Bytes window) {
  if (MayBeMagic(window)) {
    if (window.size() < kMagicAndHeaderBytes) return Want(kMagicAndHeaderBytes);
    stream_info_.clear();
    comments_.clear();
    state_ = State::kBlockHeader;
    return kMagic.size();
  }
  // A mark of a frame says nothing before the stream's header did.
  const size_t garbage = std::max<size_t>(1, BytesBeforeMark(window));
  stats_.garbage_bytes += garbage;
  return garbage;
}

size_t FlacFramer::TakeBlockHeader(Bytes window, Output& out) {
  if (window.size() < kFlacBlockHeaderBytes) return Want(kFlacBlockHeaderBytes);
  const uint8_t kind = U8(window, 0) & ~kFlacLastBlock;
  const uint32_t body_bytes = static_cast<uint32_t>(BigEndian(window, 1, 3));
  kept_ = Kept::kNothing;
  if (stream_info_.empty()) {
    kept_ = Kept::kStreamInfo;  // what else would follow the magic was looked at with it
  } else if (kind == kBlockKindInvalid) {
    stats_.resyncs += 1;
    state_ = State::kMagic;
    return TakeMagic(window);
  } else if (kind == kFlacVorbisComment && comments_.empty() &&
             body_bytes <= kFlacCommentBytesMax) {
    kept_ = Kept::kComments;
  }
  is_last_ = (U8(window, 0) & kFlacLastBlock) != 0;
  left_bytes_ = kFlacBlockHeaderBytes + body_bytes;
  state_ = State::kBlock;
  return TakeBlock(window, out);
}

size_t FlacFramer::TakeBlock(Bytes window, Output& out) {
  const size_t take = std::min<size_t>(left_bytes_, window.size());
  const Bytes bytes = window.first(take);
  if (kept_ != Kept::kNothing) {
    std::vector<std::byte>& kept = kept_ == Kept::kComments ? comments_ : stream_info_;
    kept.insert(kept.end(), bytes.begin(), bytes.end());
  }
  left_bytes_ -= static_cast<uint32_t>(take);
  if (left_bytes_ > 0) return take;
  state_ = State::kBlockHeader;
  if (!is_last_) return take;
  info_ = ReadFlacStreamInfo(stream_info_);
  state_ = info_.sample_rate_hz == 0 ? State::kMagic : State::kSearch;
  if (state_ == State::kSearch) BeginLink(out);
  return take;
}

void FlacFramer::BeginLink(Output& out) {
  const Parameters parameters{
      .codec = Codec::kFlac, .sample_rate_hz = info_.sample_rate_hz, .channels = info_.channels};
  if (parameters != found_) {
    found_ = parameters;
    out.Found(found_);
  }
  std::string title;
  if (!comments_.empty()) title = TitleOfComments(Bytes(comments_).subspan(kFlacBlockHeaderBytes));
  // A link without a title ends that of the link before, but not one that was set from outside.
  if (!title.empty() || !title_.empty()) out.Title(title);
  title_ = std::move(title);

  const Bytes magic = AsBytes(kMagic);
  std::vector<std::byte> preamble(magic.begin(), magic.end());
  ForgetTotals(stream_info_);
  SetLast(stream_info_, comments_.empty());
  preamble.insert(preamble.end(), stream_info_.begin(), stream_info_.end());
  if (!comments_.empty()) SetLast(comments_, true);
  preamble.insert(preamble.end(), comments_.begin(), comments_.end());
  out.BeginLink(preamble);
  is_sure_ = true;
}

size_t FlacFramer::TakeSearching(Bytes window) {
  if (MayBeMagic(window)) {
    if (window.size() < kMagicAndHeaderBytes) return Want(kMagicAndHeaderBytes);
    state_ = State::kMagic;
    return TakeMagic(window);
  }
  const FlacFrameHeader header = ReadFlacFrameHeader(window, info_);
  if (header.kind == Kind::kMore) return Want(header.header_bytes);
  if (header.kind == Kind::kFrame) return TakeFrameHeader(window, header);
  const size_t garbage = std::max<size_t>(1, BytesBeforeMark(window));
  stats_.garbage_bytes += garbage;
  is_sure_ = false;
  return garbage;
}

size_t FlacFramer::TakeFrameHeader(Bytes window, const FlacFrameHeader& header) {
  frame_header_ = header;
  frame_bytes_max_ = FrameBytesMax(header, info_);
  frame_.clear();
  frame_sum_ = 0;
  state_ = State::kFrame;
  return TakeOfFrame(window.first(header.header_bytes));
}

size_t FlacFramer::TakeOfFrame(Bytes bytes) {
  bytes = bytes.first(std::min(bytes.size(), frame_bytes_max_ - frame_.size()));
  frame_.insert(frame_.end(), bytes.begin(), bytes.end());
  frame_sum_ = FlacCrc16(frame_sum_, bytes);
  return bytes.size();
}

size_t FlacFramer::TakeFrame(Bytes window, Output& out) {
  if (frame_.size() == frame_bytes_max_) {
    DropFrame();
    return TakeSearching(window);
  }
  if (MayBeMagic(window)) {
    if (window.size() < kMagicAndHeaderBytes) return Want(kMagicAndHeaderBytes);
    EndFrame(WholeBytes(), out);
    state_ = State::kMagic;
    return TakeMagic(window);
  }
  const FlacFrameHeader next = ReadFlacFrameHeader(window, info_);
  if (next.kind == Kind::kMore) return Want(next.header_bytes);
  if (next.kind == Kind::kFrame && (frame_sum_ == 0 || !is_sure_ || FollowsFrame(next))) {
    if (frame_sum_ == 0 || is_sure_) {
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
  const uint64_t step = next.is_variable ? info_.block_samples_max : 1;
  return next.is_variable == frame_header_.is_variable && next.number > frame_header_.number &&
         next.number - frame_header_.number <= step * kFramesLostMax;
}

// How much of what came since the frame's header is the frame, if another one follows now: up to
// the last place where the checksum is right, since what comes between frames is mostly short.
// 0: there is none.
size_t FlacFramer::WholeBytes() const {
  const size_t least = frame_header_.header_bytes + kFooterBytes + 1;
  const auto zeros = static_cast<size_t>(
      std::find_if(frame_.rbegin(), frame_.rend(), [](std::byte b) { return b != std::byte{0}; }) -
      frame_.rbegin());
  // Zeros do not change a checksum of 0. Those of the footer itself belong to the frame.
  if (frame_sum_ == 0) {
    const size_t whole = zeros <= kFooterBytes ? frame_.size() : frame_.size() - zeros;
    return whole < least ? 0 : whole;
  }
  uint16_t sum = 0;
  size_t whole = 0, right_since = 0;
  for (size_t i = 0; i < frame_.size(); ++i) {
    const bool was_right = sum == 0;
    sum = FlacCrc16(sum, Bytes(frame_).subspan(i, 1));
    if (sum != 0) continue;
    if (!was_right) right_since = i + 1;
    whole = i + 1 - right_since <= kFooterBytes ? i + 1 : right_since;
  }
  return whole < least ? 0 : whole;
}

// The first `bytes` of what came are a frame, the rest is garbage; 0: all of it is.
void FlacFramer::EndFrame(size_t bytes, Output& out) {
  if (bytes == 0) return DropFrame();
  const microseconds played = clock_.Advance(frame_header_.samples, info_.sample_rate_hz);
  out.SyncPoint(/*needs_preamble=*/true);
  out.Append(Bytes(frame_).first(bytes));
  out.Boundary(played);
  stats_.frames += 1;
  stats_.audio_bytes += bytes;
  stats_.played += played;
  if (bytes < frame_.size()) stats_.resyncs += 1;
  stats_.garbage_bytes += frame_.size() - bytes;
  frame_.clear();
  is_sure_ = true;
  state_ = State::kSearch;
}

void FlacFramer::DropFrame() {
  stats_.garbage_bytes += frame_.size();
  if (is_sure_) stats_.resyncs += 1;
  frame_.clear();
  is_sure_ = false;
  state_ = State::kSearch;
}

void FlacFramer::Finish(Bytes rest, Output& out) {
  if (state_ == State::kFrame) {
    // The last frame has no successor: it is whole if its checksum says so. The rest is the front
    // of a torn one, or else the end of this one.
    if (frame_sum_ != 0) rest = rest.subspan(TakeOfFrame(rest));
    EndFrame(frame_sum_ == 0 ? WholeBytes() : 0, out);
  }
  stats_.garbage_bytes += rest.size();
  state_ = State::kMagic;
}

}  // namespace floe::audio
