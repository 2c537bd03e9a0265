// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/health.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/state_check.h"
#include "base/utf8.h"

namespace floe::upstream {

absl::string_view NameOf(Phase phase) {
  switch (phase) {
    case Phase::kIdle: return "idle";
    case Phase::kConnecting: return "connecting";
    case Phase::kUp: return "up";
    case Phase::kDown: return "down";
    case Phase::kBroken: return "broken";
    case Phase::kTrial: return "trial";
  }
  FLOE_BUG("a phase without a name", phase);
}

absl::Status Health::Check(const HealthState& state) {
  StateCheck check("upstream");
  check.Known("its phase", state.phase, kLastPhase);
  check.AtMost("its last error", state.error.size(), kErrorBytesMax);
  check.That(IsUtf8(state.error), "its last error is not UTF-8");
  check.That(state.since >= Instant(), "its phase began before the clock");
  const bool has_failed = state.phase == Phase::kDown || state.phase == Phase::kBroken;
  check.That(has_failed || state.retry_at == Instant(), "it waits without a failure");
  check.That(!has_failed || state.failures > 0, "it is down without a failure");
  check.That(
      !has_failed || (state.retry_at >= state.since && state.retry_at - state.since <= kBackoffMax),
      "it waits for a try that nobody would make");
  const bool is_broken = state.phase == Phase::kBroken || state.phase == Phase::kTrial;
  check.That(!is_broken || state.failures >= kBreakAfter, "it is broken after too few failures");
  check.That(state.phase != Phase::kDown || state.failures < kBreakAfter,
             "it is not broken after so many failures");
  check.That(state.phase == Phase::kUp || state.heard_since == Instant(),
             "it gives audio and is not up");
  check.That(state.heard_since == Instant() || state.heard_since >= state.since,
             "it gave audio before it was up");
  check.That(state.phase == Phase::kUp || !state.lag.has_value(), "it lags and is not up");
  check.That(state.lag.value_or(milliseconds(0)) >= milliseconds(0), "it is ahead of its origin");
  check.That(state.failures <= state.attempts, "it failed more often than it was asked");
  return std::move(check).status();
}

bool Health::IsOpen() const {
  return phase() == Phase::kConnecting || phase() == Phase::kUp || phase() == Phase::kTrial;
}

Instant Health::ReadyAt() const {
  FLOE_CHECK(!IsOpen());
  return state_.retry_at;
}

milliseconds Health::HeardFor(Instant now) const {
  if (state_.heard_since == Instant()) return milliseconds(0);
  return std::chrono::duration_cast<milliseconds>(now - state_.heard_since);
}

void Health::Connecting(Instant now) {
  FLOE_CHECK(!IsOpen());
  ++state_.attempts;
  Enter(phase() == Phase::kBroken ? Phase::kTrial : Phase::kConnecting, now);
}

void Health::Reply(Instant now) {
  FLOE_CHECK(phase() == Phase::kConnecting || phase() == Phase::kTrial);
  Enter(Phase::kUp, now);
}

void Health::Bytes(uint64_t bytes, Instant now) {
  FLOE_CHECK(phase() == Phase::kUp);
  if (bytes == 0) return;
  state_.bytes += bytes;
  if (state_.heard_since == Instant()) state_.heard_since = now;
}

void Health::Lag(milliseconds lag) {
  FLOE_CHECK(phase() == Phase::kUp);
  state_.lag = std::max(lag, milliseconds(0));
}

void Health::Failed(absl::string_view error, bool is_at_once, Dice& dice, Instant now) {
  FLOE_CHECK(IsOpen());
  ForgiveIfWell(now);
  ++state_.failures;
  state_.error = std::string(CutUtf8(error, kErrorBytesMax));
  if (!IsUtf8(state_.error)) state_.error = "an error in no known charset";
  const bool breaks = state_.failures >= kBreakAfter;
  Enter(breaks ? Phase::kBroken : Phase::kDown, now);
  const uint32_t steps = is_at_once ? state_.failures : std::max(state_.failures, 2u);
  state_.retry_at = now + (breaks ? dice.Between(kBrokenMin, kBackoffMax) : Backoff(steps, dice));
}

void Health::Left(Instant now) {
  if (!IsOpen()) return;
  ForgiveIfWell(now);
  if (phase() != Phase::kTrial) return Enter(Phase::kIdle, now);
  Enter(Phase::kBroken, now);
  state_.retry_at = now;  // the trial that was not finished
}

void Health::Enter(Phase phase, Instant now) {
  state_.phase = phase;
  state_.since = now;
  state_.retry_at = state_.heard_since = Instant();
  state_.lag.reset();
}

void Health::ForgiveIfWell(Instant now) {
  if (HeardFor(now) >= kHealthyAfter) state_.failures = 0;
}

}  // namespace floe::upstream
