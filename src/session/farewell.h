// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "listener/fan_out.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// What is done when a listener is no more, here or in another process: what counted it counts it
// no longer, and what is kept of it is written down. Nothing here may wait.
//
// Threads   The shard's, which closes the socket afterwards. The listener's record, its details and
//           its mounts are still there.
void Farewell(const Services& services, shard::Shard& shard, const listener::Departure& departure);

}  // namespace floe::session
