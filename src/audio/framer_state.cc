// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/framer_state.h"

#include <utility>

#include "base/state_check.h"

namespace floe::audio {
namespace {

using Restored = absl::StatusOr<std::unique_ptr<Framer>>;

absl::Status CheckStats(const FramerStats& stats) {
  StateCheck check("framer");
  check.That(microseconds(0) <= stats.played && stats.played <= kPlayedMax,
             "it has played for less than nothing, or for a century");
  return std::move(check).status();
}

template <typename Of>
Restored Make(FramerState state) {
  const auto& format = std::get<typename Of::State>(state.format);
  if (absl::Status possible = Of::Check(format); !possible.ok()) return possible;
  return std::make_unique<Of>(std::move(state));
}

Restored MakeOpaque(const FramerState& state, Instant (*clock)()) {
  const auto& format = std::get<OpaqueFramer::State>(state.format);
  if (absl::Status possible = OpaqueFramer::Check(format, clock()); !possible.ok()) return possible;
  return std::make_unique<OpaqueFramer>(state, clock);
}

}  // namespace

Restored RestoreFramer(FramerState state, Instant (*clock)()) {
  if (absl::Status possible = CheckStats(state.stats); !possible.ok()) return possible;
  if (absl::Status possible = CarryFramer::Check(state.carry); !possible.ok()) return possible;
  const auto& format = state.format;
  if (std::holds_alternative<MpegFramer::State>(format)) return Make<MpegFramer>(std::move(state));
  if (std::holds_alternative<AdtsFramer::State>(format)) return Make<AdtsFramer>(std::move(state));
  if (std::holds_alternative<OggFramer::State>(format)) return Make<OggFramer>(std::move(state));
  if (std::holds_alternative<WebmFramer::State>(format)) return Make<WebmFramer>(std::move(state));
  if (std::holds_alternative<FlacFramer::State>(format)) return Make<FlacFramer>(std::move(state));
  return MakeOpaque(state, clock);
}

}  // namespace floe::audio
