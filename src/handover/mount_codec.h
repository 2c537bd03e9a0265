// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "mount/mount_state.h"

namespace floe::handover {

class Mount;  // the message, in handover/state.pb.h

// Plain values to messages and back, as in feed_codec.h.
void SaveMount(const mount::MountState& state, Mount* message);
absl::StatusOr<mount::MountState> LoadMount(const Mount& message);

}  // namespace floe::handover
