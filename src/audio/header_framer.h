// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audio/carry_framer.h"
#include "audio/sample_clock.h"
#include "audio/tags.h"

namespace floe::audio {

// So many headers, each where the one before says, make a stream: two frames and the third's
// header. A single header is four bytes that a picture in a tag or a text may hold by chance.
inline constexpr int kLockHeaders = 3;
// ADTS has 13 bits for a frame's length. Frames of MPEG audio are shorter, free format included.
inline constexpr uint32_t kHeaderFrameBytesMax = (1u << 13) - 1;

// FrameHeader is what a frame says of itself in its first bytes.
struct FrameHeader {
  uint32_t key = 0;          // what all frames of a stream share; 0: this is no header
  uint32_t frame_bytes = 0;  // header included; 0: not said (free format)
  uint32_t samples = 0;
  Parameters parameters;

  bool operator==(const FrameHeader&) const = default;
};

// HeaderFramer frames streams in which each frame begins with a header that says its length: MPEG
// audio and ADTS. It looks for kLockHeaders headers in a row that agree, and from then on passes
// frames through as they arrive. A frame is believed whole when its last byte has come: waiting
// for the next header would cost every listener a frame of delay.
//
//            +--------- tag ---------+
//            v                       |
//   Search ----> AtHeader ----> InFrame      AtHeader --no header--> Search
//            3 headers  ^---------+
//
// Tags between frames are skipped by their own size and do not cost the lock.
class HeaderFramer : public CarryFramer {
 public:
  // By number in a state that is handed over, as all enumerations of states are: new ones are added
  // at the end.
  enum class Step : uint8_t { kSearch, kAtHeader, kInFrame, kInTag };

  struct State {
    Step step = Step::kSearch;
    Step after_tag = Step::kSearch;
    bool may_be_tag = true;  // while searching: where a frame or tag ended, so a tag may begin here
    uint32_t left_bytes = 0;  // of the frame or tag under way
    FrameHeader frame;        // the frame under way; its key is that of the lock
    Parameters found;
    SampleClock clock;

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state);

 protected:
  enum class Verdict : uint8_t { kNo, kYes, kMore };

  explicit HeaderFramer(size_t header_bytes) : header_bytes_(header_bytes) {}
  HeaderFramer(size_t header_bytes, const FramerStats& stats, Carry carry, const State& state)
      : CarryFramer(stats, std::move(carry)), header_bytes_(header_bytes), state_(state) {}

  // The header at the front of `window`, which has at least header_bytes() bytes.
  virtual FrameHeader HeaderAt(Bytes window) const = 0;
  // Whether a stream begins at the front of `window`. kMore: after Want().
  virtual Verdict Confirm(Bytes window);
  // The lock is gone: what was learnt of the stream to hold it is void.
  virtual void OnLost() {}

  size_t header_bytes() const { return header_bytes_; }
  const State& header_state() const { return state_; }

 private:
  size_t Take(Bytes window, Output& out) final;
  void Finish(Bytes rest, Output& out) final;
  size_t TakeSearching(Bytes window, Output& out);
  size_t TakeHeader(Bytes window, Output& out);
  size_t TakeFrame(Bytes window, Output& out);
  size_t TakeTag(Bytes window);
  size_t BeginTag(Bytes window, uint32_t bytes, Step after);
  void Lock(Bytes window, Output& out);

  const size_t header_bytes_;
  State state_;
};

}  // namespace floe::audio
