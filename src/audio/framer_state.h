// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <variant>

#include "absl/status/statusor.h"
#include "audio/adts_framer.h"
#include "audio/carry_framer.h"
#include "audio/flac_framer.h"
#include "audio/framer.h"
#include "audio/mpeg_framer.h"
#include "audio/ogg_framer.h"
#include "audio/opaque_framer.h"
#include "audio/webm_framer.h"

namespace floe::audio {

// FramerState is all that a framer knows between two pieces of a stream, as plain values.
struct FramerState {
  FramerStats stats;
  CarryFramer::Carry carry;  // none of an opaque stream
  std::variant<OpaqueFramer::State, MpegFramer::State, AdtsFramer::State, OggFramer::State,
               WebmFramer::State, FlacFramer::State>
      format;

  bool operator==(const FramerState&) const = default;
};

// A framer that goes on where `state` was taken. InvalidArgument names what is impossible in a
// state that no framer of this binary can come to. `clock` as with MakeFramer; it must be of the
// same timeline as the other's.
absl::StatusOr<std::unique_ptr<Framer>> RestoreFramer(FramerState state, Instant (*clock)());

}  // namespace floe::audio
