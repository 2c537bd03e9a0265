// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "upstream/backoff.h"

namespace floe::upstream {

inline constexpr uint32_t kBreakAfter = 6;  // failures in a row
inline constexpr milliseconds kHealthyAfter{
    10'000};  // of audio; then earlier failures are forgotten
inline constexpr uint32_t kErrorBytesMax = 200;

enum class Phase : uint8_t {
  kIdle,        // not asked, and nothing is known against it
  kConnecting,  // asked, and has not answered
  kUp,          // has answered, and audio comes
  kDown,        // failed; is asked again when its wait is over
  kBroken,      // failed so often that the next try, long after, is one alone
  kTrial,       // broken, and that try is being made
};
inline constexpr Phase kLastPhase = Phase::kTrial;
// "idle", "connecting", "up", "down", "broken", "trial".
absl::string_view NameOf(Phase phase);

// HealthState is all that is known of one upstream: what goes to the next process, and what status
// and log say of it.
struct HealthState {
  Phase phase = Phase::kIdle;
  Instant since{};        // of the phase
  Instant retry_at{};     // of kDown and kBroken: not asked before
  Instant heard_since{};  // of kUp: when its first audio came; before that Instant()
  uint32_t failures = 0;  // in a row
  uint64_t attempts = 0;  // to connect, ever
  uint64_t bytes = 0;     // of audio, ever
  std::string error;      // of the last failure, which may be long over; empty: there was none
  std::optional<milliseconds> lag;  // behind its origin, as LagMeter measures it; of kUp

  bool operator==(const HealthState&) const = default;
};

// Health is one upstream's way through the phases.
//
//   phase               connecting     reply  failed           left
//   idle, down          connecting     -      -                idle, down
//   connecting          -              up     down or broken   idle
//   up                  -              -      down or broken   idle
//   broken              trial          -      -                broken
//   trial               -              up     broken           broken
//
// Threads   None of its own; told the time.
// Failure   An event for which the table has "-" is a bug.
class Health {
 public:
  Health() = default;
  // REQUIRES: Check(state).ok().
  explicit Health(HealthState state) : state_(std::move(state)) {}

  // Whether an upstream could have come to it.
  static absl::Status Check(const HealthState& state);
  const HealthState& state() const { return state_; }

  Phase phase() const { return state_.phase; }
  // Whether it is being asked, or gives audio.
  bool IsOpen() const;
  bool IsBroken() const { return phase() == Phase::kBroken || phase() == Phase::kTrial; }
  // Whether it may be asked now.
  bool IsReady(Instant now) const { return !IsOpen() && ReadyAt() <= now; }
  // When it may be asked. REQUIRES: !IsOpen().
  Instant ReadyAt() const;
  // For how long it has given audio without a failure.
  milliseconds HeardFor(Instant now) const;

  void Connecting(Instant now);
  void Reply(Instant now);
  // REQUIRES: it is up.
  void Bytes(uint64_t bytes, Instant now);
  void Lag(milliseconds lag);
  // `is_at_once`: after a first failure the next try needs no wait.
  void Failed(absl::string_view error, bool is_at_once, Dice& dice, Instant now);
  // It is let go, through no fault of its own.
  void Left(Instant now);

 private:
  void Enter(Phase phase, Instant now);
  void ForgiveIfWell(Instant now);

  HealthState state_;
};

}  // namespace floe::upstream
