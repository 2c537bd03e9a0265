// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audio/carry_framer.h"
#include "audio/flac_header.h"
#include "audio/sample_clock.h"

namespace floe::audio {

// No frame is larger; what its own header allows is mostly far less.
inline constexpr size_t kFlacFrameBytesMax = 2 * 1024 * 1024;
// A comment block above this is left out of the preamble; it holds a picture.
inline constexpr size_t kFlacCommentBytesMax = 64 * 1024;

// FlacFramer passes native FLAC on frame by frame.
//
//   Magic --"fLaC"--> Blocks --last metadata block--> Search --frame header--> Frame ---+
//                       ^                               ^                       ^  |    |
//                       |                               +------ too long -------|--+    |
//                       +-------- "fLaC" and a STREAMINFO: a new link ----------+-------+
//
// No frame says its length: it ends where the next one's header stands and the checksum of all in
// between is right. So a frame is kept back until then, and is appended when it is known whole.
//
// The headers are not put on the tape: to a listener who hears another link already they are bytes
// within a frame, while a joiner has them from the preamble. That is "fLaC", STREAMINFO without a
// total length and checksum of all samples (a late joiner hears only some), and the comments.
class FlacFramer final : public CarryFramer {
 public:
  enum class Step : uint8_t { kMagic, kBlockHeader, kBlock, kSearch, kFrame };
  enum class Kept : uint8_t { kNothing, kStreamInfo, kComments };

  struct State {
    // Its blocks are kept with their headers until the preamble is made of them.
    struct Link {
      FlacStreamInfo info;
      std::vector<std::byte> stream_info;
      std::vector<std::byte> comments;  // at most kFlacCommentBytesMax, and the block's header

      bool operator==(const Link&) const = default;
    };
    // The metadata block under way.
    struct Block {
      Kept kept = Kept::kNothing;
      bool is_last = false;
      uint32_t left_bytes = 0;

      bool operator==(const Block&) const = default;
    };
    // The frame under way.
    struct Frame {
      std::vector<std::byte> bytes;  // at most bytes_max
      size_t bytes_max = 0;
      FlacFrameHeader header;
      uint16_t sum = 0;

      bool operator==(const Frame&) const = default;
    };

    Step step = Step::kMagic;
    Link link;
    Block block;
    Frame frame;
    bool is_sure = false;  // the frame begins where a frame or the stream's header ended
    std::string title;
    Parameters found;
    SampleClock clock;

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state);

  FlacFramer() = default;
  explicit FlacFramer(FramerState state);  // REQUIRES: possible, and of this format

  FramerState state() const override;

 private:
  size_t Take(Bytes window, Output& out) override;
  void Finish(Bytes rest, Output& out) override;
  size_t TakeMagic(Bytes window);
  size_t TakeBlockHeader(Bytes window, Output& out);
  size_t TakeBlock(Bytes window, Output& out);
  void BeginLink(Output& out);
  size_t TakeSearching(Bytes window);
  size_t TakeFrameHeader(Bytes window, const FlacFrameHeader& header);
  size_t TakeFrame(Bytes window, Output& out);
  size_t TakeOfFrame(Bytes bytes);
  bool FollowsFrame(const FlacFrameHeader& next) const;
  size_t WholeBytes() const;
  void EndFrame(size_t bytes, Output& out);
  void DropFrame();

  State state_;
};

}  // namespace floe::audio
