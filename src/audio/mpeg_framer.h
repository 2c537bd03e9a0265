// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audio/header_framer.h"

namespace floe::audio {

// Free format is a stream of constant frames whose length no header says; none is longer.
inline constexpr uint32_t kFreeFormatFrameBytesMax = 4096;

// MPEG-1, MPEG-2 and MPEG-2.5 audio, layers I to III, of constant, variable and free bitrate.
class MpegFramer final : public HeaderFramer {
 public:
  struct State {
    HeaderFramer::State frames;
    uint32_t free_bytes = 0;  // of a free-format frame without padding; 0: not known

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state);

  MpegFramer();
  explicit MpegFramer(FramerState state);  // REQUIRES: possible, and of this format

  FramerState state() const override;

 private:
  FrameHeader HeaderAt(Bytes window) const override;
  Verdict Confirm(Bytes window) override;
  Verdict ConfirmFree(Bytes window);
  Verdict Follow(Bytes window, uint32_t key, size_t unpadded_bytes);
  void OnLost() override { free_bytes_ = 0; }

  uint32_t free_bytes_ = 0;  // see State
};

}  // namespace floe::audio
