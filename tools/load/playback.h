// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace floe::tools {

// Playback is a player's buffer: sound comes in, and from the moment there is enough of it goes
// out in real time. When it runs dry the player stalls until there is enough again: an underrun.
//
// Units     nanoseconds, of sound and of the clock.
// Threads   One.
class Playback {
 public:
  // Sound of `sound_ns` was read at `now_ns`. `is_prompt`: it was read when it came. Otherwise it
  // may have come at any time since the last read, and is taken as having come in time if it can
  // have. True when the player ran dry since the last call.
  bool Receive(int64_t now_ns, int64_t sound_ns, bool is_prompt, int64_t enough_ns) {
    if (!is_prompt) received_ns_ += sound_ns;
    bool ran_dry = false;
    if (is_playing_ && now_ns - began_at_ns_ > received_ns_) {
      ran_dry = true;
      is_playing_ = false;
      dry_since_ns_ = began_at_ns_ + received_ns_;
      played_ns_ = received_ns_;
    }
    if (is_prompt) received_ns_ += sound_ns;
    if (!is_playing_ && received_ns_ - played_ns_ >= std::max<int64_t>(enough_ns, 1)) {
      if (dry_since_ns_ != 0) stalled_ns_ += now_ns - dry_since_ns_;
      dry_since_ns_ = 0;
      is_playing_ = true;
      began_at_ns_ = now_ns - played_ns_;
    }
    return ran_dry;
  }

  // Time without sound so far, a stall that still lasts included.
  int64_t stalled_ns(int64_t now_ns) const {
    return stalled_ns_ + (dry_since_ns_ != 0 ? now_ns - dry_since_ns_ : 0);
  }

  bool is_playing() const { return is_playing_; }
  int64_t level_ns(int64_t now_ns) const {
    return received_ns_ - (is_playing_ ? now_ns - began_at_ns_ : played_ns_);
  }

 private:
  int64_t received_ns_ = 0;   // of sound, in all
  int64_t played_ns_ = 0;     // while not playing: how far it got
  int64_t began_at_ns_ = 0;   // while playing: when sound 0 would have begun
  int64_t dry_since_ns_ = 0;  // 0: not stalled (waiting for the first sound is no stall)
  int64_t stalled_ns_ = 0;
  bool is_playing_ = false;
};

}  // namespace floe::tools
