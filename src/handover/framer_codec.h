// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "audio/framer_state.h"

namespace floe::handover {

class FramerState;  // the message, in handover/feed.pb.h

// REQUIRES: `message` is empty.
void SaveFramer(const audio::FramerState& state, FramerState* message);

// InvalidArgument where the message has no format that this binary knows, or a number that its
// field cannot hold. Whether the state is possible is asked by audio::RestoreFramer.
absl::StatusOr<audio::FramerState> LoadFramer(const FramerState& message);

}  // namespace floe::handover
