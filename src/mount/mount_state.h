// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audio/framer.h"
#include "base/clock.h"
#include "mount/source_info.h"
#include "mount/titles.h"
#include "tape/tape.h"

namespace floe::mount {

// Causes that a listener may leave for are numbered (listener::Leaving), fewer than this.
inline constexpr size_t kLeaveCausesMax = 16;

// MountState is a mount as a plain value: what the next process makes the same mount of. Not in
// it: its settings, which are the next configuration's, and its listeners.
struct MountState {
  std::string name;
  tape::TapeState tape;
  Phase phase = Phase::kEmpty;
  uint32_t epoch = 0;
  Instant lingering_since{};  // of the monotonic clock, which all processes share
  // Who may write.
  uint64_t pen = 0;
  uint64_t last_pen = 0;
  ClaimRules rules;
  uint32_t link = 0;
  uint64_t stay_began_bytes = 0;  // of the source
  std::string silence;            // the name of its kind; empty: not known
  bool has_yet_to_sound = false;  // a source is there, and a listener could not begin
  // Titles: those that listeners may still hear, and what was asked for and is not placed yet.
  std::vector<TitleMark> titles;
  std::optional<Title> asked_title;
  struct LinkState {
    uint32_t link = 0;
    uint64_t began_bytes = 0;
    std::vector<std::byte> preamble;

    bool operator==(const LinkState&) const = default;
  };
  std::vector<LinkState> links;
  // What is known of the source.
  SourceInfo source;
  audio::Parameters parameters;
  audio::FramerStats framer;
  uint64_t received_bytes = 0;
  // Counts.
  uint64_t dropped_bytes = 0;
  uint64_t sent_bytes = 0;
  uint64_t listener_connections = 0;
  uint32_t listener_peak = 0;
  uint64_t received_before_bytes = 0;  // from earlier sources
  uint64_t skips = 0;
  std::vector<uint64_t> leaves;  // by cause; those behind the last are none

  bool operator==(const MountState&) const = default;
};

}  // namespace floe::mount
