// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/access_codec.h"

#include <algorithm>
#include <string>

#include "handover/bytes.h"
#include "handover/narrow.h"
#include "handover/state.pb.h"

namespace floe::handover {

void SaveLockouts(const std::vector<access::LockoutState>& states, End* message) {
  for (const access::LockoutState& state : states) {
    LockedOut* saved = message->add_locked_out();
    saved->set_address(std::string(state.address.bytes.begin(), state.address.bytes.end()));
    saved->set_failures(state.failures);
    saved->set_updated_ns(nanoseconds(state.updated.time_since_epoch()).count());
    saved->set_locked_until_ns(nanoseconds(state.locked_until.time_since_epoch()).count());
    saved->set_next_lock_ms(state.next_lock.count());
  }
}

absl::StatusOr<std::vector<access::LockoutState>> LoadLockouts(const End& message) {
  std::vector<access::LockoutState> states;
  Narrow narrow;
  for (const LockedOut& saved : message.locked_out()) {
    access::LockoutState state;
    if (saved.address().size() != state.address.bytes.size()) {
      return absl::InvalidArgumentError("an address that is locked out is none");
    }
    std::copy(saved.address().begin(), saved.address().end(), state.address.bytes.begin());
    state.failures = std::max(0.0, saved.failures());
    state.updated = narrow.ToInstant("when a login failed", saved.updated_ns());
    state.locked_until = narrow.ToInstant("the end of a lockout", saved.locked_until_ns());
    state.next_lock = narrow.ToSpan<milliseconds>("a lockout", saved.next_lock_ms());
    states.push_back(state);
  }
  if (!narrow.status().ok()) return narrow.status();
  return states;
}

}  // namespace floe::handover
