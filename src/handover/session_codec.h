// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "session/hand_over_state.h"

namespace floe::handover {

// The messages, in handover/state.pb.h.
class Head;
class Loop;
class Relay;
class Source;

// Plain values to messages and back, as in feed_codec.h.
void SaveHead(const session::HeadState& state, Head* message);
absl::StatusOr<session::HeadState> LoadHead(const Head& message);

void SaveSource(const session::SourceState& state, Source* message);
absl::StatusOr<session::SourceState> LoadSource(const Source& message);

void SaveLoop(const session::LoopState& state, Loop* message);
absl::StatusOr<session::LoopState> LoadLoop(const Loop& message);

void SaveRelay(const session::RelayState& state, Relay* message);
absl::StatusOr<session::RelayState> LoadRelay(const Relay& message);

}  // namespace floe::handover
