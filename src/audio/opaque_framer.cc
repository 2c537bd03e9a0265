// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/opaque_framer.h"

#include <algorithm>

#include "audio/framer_state.h"
#include "base/state_check.h"

namespace floe::audio {

absl::Status OpaqueFramer::Check(const State& state, Instant now) {
  StateCheck check("framer of opaque streams");
  check.That(!state.last_fed || (Instant() <= *state.last_fed && *state.last_fed <= now),
             "it was fed at a time that has not come yet");
  return std::move(check).status();
}

OpaqueFramer::OpaqueFramer(const FramerState& state, Instant (*clock)())
    : Framer(state.stats), clock_(clock), state_(std::get<State>(state.format)) {}

FramerState OpaqueFramer::state() const {
  return {.stats = stats(), .carry = {}, .format = state_};
}

void OpaqueFramer::Feed(std::span<const std::byte> bytes, Output& out) {
  if (bytes.empty()) return;
  const Instant now = clock_();
  if (!state_.last_fed) out.Found({.codec = Codec::kOpaque});
  const auto since = now - state_.last_fed.value_or(now);
  const microseconds played =
      std::max(std::chrono::duration_cast<microseconds>(since), microseconds(0));
  // What is below a microsecond is left for the next piece.
  state_.last_fed = state_.last_fed.value_or(now) + played;
  stats_.frames += 1;
  stats_.audio_bytes += bytes.size();
  stats_.played += played;
  out.SyncPoint(/*needs_preamble=*/false);
  out.Append(bytes);
  out.Boundary(played);
}

}  // namespace floe::audio
