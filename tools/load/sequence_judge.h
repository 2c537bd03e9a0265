// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tools/signal/stamp.h"

namespace floe::tools {

// What a frame is to the one before it, as one listener hears them.
enum class Succession : uint8_t {
  kFirst,       // nothing to compare with
  kNext,        // the very next frame
  kGap,         // frames are missing in between
  kRepeat,      // heard before, or older than what was heard
  kNewLife,     // the source came back (or another took over): not the server's doing
  kOtherMount,  // the listener was moved
};

// SequenceJudge follows the stamps of one listener.
class SequenceJudge {
 public:
  Succession Take(const Stamp& stamp) {
    const Succession succession = Compare(stamp);
    missing_ = succession == Succession::kGap ? stamp.sequence - last_.sequence - 1 : 0;
    last_ = stamp;
    has_heard_ = true;
    return succession;
  }

  uint64_t missing() const { return missing_; }  // before the stamp taken last
  const Stamp& last() const { return last_; }
  bool has_heard() const { return has_heard_; }

 private:
  Succession Compare(const Stamp& stamp) const {
    if (!has_heard_) return Succession::kFirst;
    if (stamp.mount != last_.mount) return Succession::kOtherMount;
    if (stamp.life != last_.life) return Succession::kNewLife;
    if (stamp.sequence == last_.sequence + 1) return Succession::kNext;
    return stamp.sequence > last_.sequence ? Succession::kGap : Succession::kRepeat;
  }

  Stamp last_;
  uint64_t missing_ = 0;
  bool has_heard_ = false;
};

}  // namespace floe::tools
