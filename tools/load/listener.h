// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "tools/load/ear.h"
#include "tools/load/longest_wait.h"
#include "tools/load/playback.h"
#include "tools/load/tally.h"

namespace floe::tools {

// How a listener's socket is read once its reply has begun.
enum class ReadMode : uint8_t {
  kPrompt,   // whenever something came, into buffers, to be taken apart
  kDiscard,  // whenever something came, counted and dropped by the kernel
  kTicked,   // at its turn of the wheel, counted and dropped
  kSlow,     // at its turn of the wheel, and not more than it pleases to take
  kNever,    // not at all; only the end is waited for
};

// One simulated player. Its index in the crowd is also its slot in the ring's descriptor table.
struct Listener {
  enum class State : uint8_t {
    kAway,        // not joined yet, or about to come again
    kConnecting,  // the socket is on its way
    kAsking,      // connected; the reply is not whole
    kHearing,     // answered with 200
    kClosing,     // waiting for the last operations
    kGone,        // for good
  };

  int64_t asked_at_ns = 0;  // when this life began: all join times count from here
  Playback playback;
  LongestWait wait;
  std::unique_ptr<Ear> ear;  // of those checked in full, while they hear
  uint32_t generation = 0;   // of its lives; an older life's alarm does not match
  uint16_t kbps = 0;
  State state = State::kAway;
  Kind kind = Kind::kSteady;
  ReadMode read_mode = ReadMode::kTicked;
  uint8_t ops_in_flight = 0;
  bool wants_icy : 1 = false;
  bool is_checked : 1 = false;
  bool is_on_wheel : 1 = false;
  bool is_receive_armed : 1 = false;
  bool has_byte : 1 = false;   // of the reply, in this life
  bool has_audio : 1 = false;  // in this life
  bool has_ever_heard : 1 = false;
  bool comes_again : 1 = false;  // after closing
};

}  // namespace floe::tools
