// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "nlohmann/json_fwd.hpp"
#include "tools/report/histogram.h"

namespace floe::tools {

// How a listener behaves.
enum class Kind : uint8_t { kSteady, kChurn, kHalfClose, kSlow, kNever };
inline constexpr size_t kKinds = 5;

// What went wrong for the listeners of one kind.
struct Flaws {
  uint64_t gaps = 0;
  uint64_t missing_frames = 0;
  uint64_t repeats = 0;
  uint64_t torn = 0;
  uint64_t ragged_starts = 0;
  uint64_t underruns = 0;
  uint64_t stalled_ns = 0;
  uint64_t closed_by_end = 0;
  uint64_t closed_by_reset = 0;

  void Merge(const Flaws& other);
  uint64_t breaks() const { return gaps + repeats + torn; }
  uint64_t closes() const { return closed_by_end + closed_by_reset; }
};

// What became of those who, in the middle of a stay, came to a life of a source or went from it.
struct Changes {
  uint64_t came = 0;
  int64_t came_first_ns = 0;  // when the first and the last of them heard it, of NowNs()
  int64_t came_last_ns = 0;
  uint64_t went = 0;
  uint64_t went_at_min = 0;  // number of the last frame they heard of it, at least and at most
  uint64_t went_at_max = 0;

  void Come(int64_t now_ns);
  void Go(uint64_t last_frame);
  void Merge(const Changes& other);
};
inline constexpr size_t kLivesMax = 64;  // of sources, whose changes are kept

// Everything that is counted. Each worker has its own; they are merged to be shown.
struct Tally {
  // Listeners now.
  uint64_t opened = 0;   // have tried to join at least once
  uint64_t waiting = 0;  // have asked and hear nothing yet
  uint64_t hearing = 0;
  uint64_t settled = 0;  // will not change by itself any more: hearing, or gone for good

  // Events so far.
  uint64_t joins = 0;
  uint64_t failed_connects = 0;
  std::map<int, uint64_t> connect_errors;  // the same by errno
  uint64_t refused = 0;
  uint64_t leaves = 0;
  std::map<uint32_t, uint64_t> statuses;
  std::array<Flaws, kKinds> flaws;
  std::array<uint64_t, kKinds> listeners_of{};

  uint64_t bytes = 0;
  uint64_t receives = 0;
  uint64_t checked = 0;  // listeners whose every frame is looked at
  uint64_t frames = 0;
  uint64_t bare_frames = 0;  // valid, but no test frames
  uint64_t new_lives = 0;
  uint64_t moves = 0;
  uint64_t wrong_mounts = 0;  // began with a mount that was not asked for
  // By the number of the life; of the first kLivesMax.
  std::map<uint32_t, Changes> changes;

  uint64_t titles = 0;
  uint64_t titles_missed = 0;
  uint64_t titles_early = 0;
  uint64_t malformed_blocks = 0;

  Histogram connect, first_byte, first_audio, latency, freshest, title_lag, never_closed_after;
  int64_t last_first_audio_ns = 0;  // when a listener last heard audio for the first time

  Histogram longest_wait;  // of each listener that is read as data comes, in this window
  uint32_t window = 0;     // how often waits were begun anew

  // Null when there are kLivesMax others.
  Changes* ChangesOf(uint32_t life);

  // The window is then the earlier of the two: what all are in, or were.
  void Merge(const Tally& other);
  Flaws counted() const;  // of those who listen as they should
  uint64_t title_faults() const { return titles_missed + titles_early + malformed_blocks; }
};

nlohmann::json ToJson(const Histogram& histogram);
nlohmann::json ToJson(const Flaws& flaws);
nlohmann::json ToJson(const std::map<uint32_t, Changes>& changes);

}  // namespace floe::tools
