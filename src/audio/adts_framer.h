// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audio/header_framer.h"

namespace floe::audio {

// AAC in ADTS frames: LC and, as its core says it, HE; with and without CRC. A frame of several raw
// blocks counts as that many times 1024 samples.
class AdtsFramer final : public HeaderFramer {
 public:
  struct State {
    HeaderFramer::State frames;

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state) { return HeaderFramer::Check(state.frames); }

  AdtsFramer();
  explicit AdtsFramer(FramerState state);  // REQUIRES: possible, and of this format

  FramerState state() const override;

 private:
  FrameHeader HeaderAt(Bytes window) const override;
};

}  // namespace floe::audio
