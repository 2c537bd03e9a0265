// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "access/lockout.h"

namespace floe::handover {

class End;

// Plain values to messages and back, as in feed_codec.h.
void SaveLockouts(const std::vector<access::LockoutState>& states, End* message);
absl::StatusOr<std::vector<access::LockoutState>> LoadLockouts(const End& message);

}  // namespace floe::handover
