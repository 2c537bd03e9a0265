// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners as plain values: what goes over to the next process, and what it makes the same
// listeners of. Times are counted from the moment at which they were read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "listener/held_preambles.h"
#include "listener/held_titles.h"
#include "listener/listener.h"

namespace floe::listener {

// How far a listener got, to the byte, and when it is due.
struct ListenerState {
  uint64_t position_bytes = 0;
  uint64_t sent_bytes = 0;
  uint32_t metaint_bytes = 0;
  uint32_t metadata_due_bytes = 0;
  uint32_t block_title = 0;  // the block under way; 0: none, or one without a title
  uint32_t block_sent_bytes = 0;
  uint32_t title_sent = 0;
  uint32_t link = kNoLink;
  uint32_t preamble_sent_bytes = 0;
  uint32_t skips = 0;
  uint32_t intro = kNoIntro;  // to come or under way
  uint32_t intro_left_bytes = 0;
  uint32_t intro_ms = 0;
  bool is_in_preamble = false;
  bool awaits_sync = false;
  bool is_stalled = false;
  bool keeps_position = false;
  milliseconds listened{0};
  milliseconds stalled{0};  // since when nothing was taken
  milliseconds due_in{0};

  bool operator==(const ListenerState&) const = default;
};

// What a shard knows of a mount that no other place does.
struct ViewState {
  Leaving ending = Leaving::kStaying;
  uint64_t published_bytes = 0;  // of a view that has ended: where it stands still
  milliseconds ended{0};         // how long ago
  uint64_t bytes_per_second = 0;
  milliseconds silent{0};  // since when nothing followed
  // Those that a listener is in the middle of.
  std::vector<HeldTitles::Title> titles;
  struct HeldPreamble {
    uint32_t link;
    std::vector<std::byte> bytes;

    bool operator==(const HeldPreamble&) const = default;
  };
  std::vector<HeldPreamble> preambles;

  bool operator==(const ViewState&) const = default;
};

}  // namespace floe::listener
