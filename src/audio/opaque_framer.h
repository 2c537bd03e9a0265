// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "audio/framer.h"

namespace floe::audio {

// Streams of a type Floe does not know: whatever comes is passed on, and a listener may begin
// anywhere. The time a piece adds is the time it took to come.
class OpaqueFramer final : public Framer {
 public:
  explicit OpaqueFramer(Instant (*clock)()) : clock_(clock) {}

  void Feed(std::span<const std::byte> bytes, Output& out) override;
  void End(Output& out) override {}

 private:
  Instant (*clock_)();
  std::optional<Instant> last_fed_;  // empty until the first piece
};

}  // namespace floe::audio
