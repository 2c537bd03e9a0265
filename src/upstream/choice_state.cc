// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A choice as a plain value, out and in: how it goes over to the next process.
#include <utility>

#include "base/state_check.h"
#include "upstream/choice.h"

namespace floe::upstream {
namespace {

bool IsOpen(const HealthState& upstream) { return Health(upstream).IsOpen(); }

absl::Status Check(const ChoiceState& state, uint32_t count) {
  StateCheck check("choice of upstreams");
  check.That(state.upstreams.size() == count, "it is of another list of upstreams");
  for (const HealthState& upstream : state.upstreams) check.Also(Health::Check(upstream));
  check.AtMost("the number of the played one", state.played.value_or(0), count - 1);
  check.AtMost("the number of the probed one", state.probed.value_or(0), count - 1);
  const bool is_any = state.played.has_value() || state.probed.has_value();
  check.That(state.is_wanted || !is_any, "one is played that nobody wants");
  if (state.played.has_value() && state.probed.has_value()) {
    check.That(*state.probed < *state.played, "one is probed that is not preferred");
  }
  for (uint32_t i = 0; i < state.upstreams.size(); ++i) {
    const bool is_taken = state.played == i || state.probed == i;
    check.That(IsOpen(state.upstreams[i]) == is_taken, "one is open that is not used");
  }
  return std::move(check).status();
}

}  // namespace

ChoiceState Choice::state() const {
  ChoiceState state;
  for (const Health& upstream : upstreams_) state.upstreams.push_back(upstream.state());
  state.played = played_;
  state.probed = probed_;
  state.is_wanted = is_wanted_;
  state.dice = dice_;
  return state;
}

absl::Status Choice::Restore(const ChoiceState& state) {
  if (absl::Status possible = Check(state, count()); !possible.ok()) return possible;
  for (uint32_t i = 0; i < count(); ++i) upstreams_[i] = Health(state.upstreams[i]);
  played_ = state.played;
  probed_ = state.probed;
  is_wanted_ = state.is_wanted;
  dice_ = state.dice;
  return absl::OkStatus();
}

}  // namespace floe::upstream
