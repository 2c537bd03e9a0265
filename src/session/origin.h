// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What another Floe asks of its origin beyond what any listener does: where in the stream it is
// (http/stream_position.h), and that nobody plays in a circle (http/hops.h).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "listener/fan_out.h"
#include "mount/mount.h"
#include "session/exchange.h"

namespace floe::session {

// Start is where a listener begins to the byte, and how its reply head says so.
struct Start {
  listener::ExactBegin begin;
  std::string said;
};

// Empty: the request does not ask, or what a newcomer would hear first is kept no longer. `snap` is
// what the reply head is made of.
std::optional<Start> FindStart(const Exchange& exchange, const mount::Mount& mount,
                               const mount::Snapshot& snap);

// Whether those for whom the request is made may be given anything. Refusal: 508, or 400.
absl::Status CheckTakers(const Exchange& exchange);

// What the reply says of the servers that the mount's stream has passed; empty when the request
// does not say whom it is for. Refusal: 508, or 400.
absl::StatusOr<std::string> HopsOfReply(const Exchange& exchange, const mount::Snapshot& snap);

}  // namespace floe::session
