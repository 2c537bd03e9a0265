// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "audio/bits.h"
#include "audio/framer.h"

namespace floe::audio {

// No decision needs more bytes at once than this: an Ogg page, two free-format frames, the blocks
// of a video cluster before its first picture.
inline constexpr size_t kCarryBytesMax = 256 * 1024;

// CarryFramer is a framer that decides step by step about the front of what has come. What a step
// cannot decide yet is carried over to the next Feed; all else is taken where it was received.
// A step sees at least what it asked for, so its decisions do not depend on how the bytes were cut.
class CarryFramer : public Framer {
 public:
  struct Carry {
    std::vector<std::byte> bytes;
    size_t want_bytes = 1;  // what the last step asked for; more than there are between two Feeds

    bool operator==(const Carry&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const Carry& carry);

  CarryFramer() = default;
  CarryFramer(const FramerStats& stats, Carry carry) : Framer(stats), carry_(std::move(carry)) {}

  void Feed(Bytes bytes, Output& out) final;
  void End(Output& out) final;

 protected:
  // Takes bytes off the front of `window`, which is not empty, and says how many. To take none it
  // returns Want(how many bytes it must see), more than the window has; it is then asked again with
  // the same front, and may have changed only what holds whatever follows.
  virtual size_t Take(Bytes window, Output& out) = 0;

  // The source is gone. `rest` is what no step could decide about without more.
  virtual void Finish(Bytes rest, Output& out) = 0;

  size_t Want(size_t bytes) {
    carry_.want_bytes = bytes;
    return 0;
  }

  const Carry& carry() const { return carry_; }

 private:
  size_t TakeAll(Bytes window, Output& out);

  Carry carry_;
};

}  // namespace floe::audio
