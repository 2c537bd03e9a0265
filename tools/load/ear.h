// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "tools/load/sequence_judge.h"
#include "tools/load/tally.h"
#include "tools/signal/frame_finder.h"
#include "tools/wire/icy_reader.h"
#include "tools/wire/reply_head.h"

namespace floe::tools {

// Ear is the full check of one listener: it takes the body apart (ICY, frames, stamps, titles)
// and enters what it finds into a tally. One life of a listener, one ear.
class Ear {
 public:
  struct Terms {
    Kind kind;
    uint32_t mount;         // that was asked for
    bool knows_mount;       // the source numbers its mounts, so it can be told
    int64_t settled_at_ns;  // from here on latency counts
  };

  // Nothing when the content type is not one that can be taken apart.
  static std::optional<Format> FormatOf(absl::string_view content_type);

  Ear(Format format, uint32_t metaint, const Terms& terms);

  void SetSettledAt(int64_t ns) { terms_.settled_at_ns = ns; }

  // Bytes of the body, read at `now_ns`; returns how much sound they complete.
  int64_t Hear(absl::string_view bytes, int64_t now_ns, Tally* tally);

 private:
  void HearFrame(const Heard& heard, int64_t now_ns, Tally* tally);
  // What it hears begins anew: behind the one frame comes the other.
  static void Change(const Stamp& last, const Stamp& first, int64_t now_ns, Tally* tally);
  void HearTitle(absl::string_view title, Tally* tally);

  FrameFinder finder_;
  std::optional<IcyReader> icy_;
  SequenceJudge judge_;
  Terms terms_;
  int64_t sound_ns_ = 0;      // of the piece being heard
  int64_t freshest_ns_ = -1;  // age of the last frame in it
  uint64_t tears_seen_ = 0;
  uint64_t malformed_seen_ = 0;
  uint64_t titles_ = 0;
  uint64_t last_title_ = 0;
  uint32_t frame_ns_ = 0;
  bool is_ragged_seen_ = false;
};

}  // namespace floe::tools
