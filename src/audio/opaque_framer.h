// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "audio/framer.h"

namespace floe::audio {

// Streams of a type Floe does not know: whatever comes is passed on, and a listener may begin
// anywhere. The time a piece adds is the time it took to come.
class OpaqueFramer final : public Framer {
 public:
  struct State {
    std::optional<Instant> last_fed;  // empty until the first piece

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state, Instant now);

  explicit OpaqueFramer(Instant (*clock)()) : clock_(clock) {}
  OpaqueFramer(const FramerState& state, Instant (*clock)());  // REQUIRES: possible, and opaque

  void Feed(std::span<const std::byte> bytes, Output& out) override;
  void End(Output& out) override {}
  FramerState state() const override;

 private:
  Instant (*clock_)();
  State state_;
};

}  // namespace floe::audio
