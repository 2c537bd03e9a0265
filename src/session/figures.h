// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Figures that /health and floe status have in common.
#pragma once

#include "base/clock.h"
#include "nlohmann/json_fwd.hpp"
#include "session/push_board.h"
#include "session/relay_board.h"
#include "shard/shard.h"
#include "tape/arena.h"

namespace floe::session {

// What a shard says of itself at any time. Threads: any.
nlohmann::ordered_json ShardJson(const shard::Shard& shard);

// How a relay is and each of its upstreams.
nlohmann::ordered_json RelayJson(const RelayStatus& relay, Instant now);

// How a push is and the server that it goes to.
nlohmann::ordered_json PushJson(const PushStatus& push, Instant now);

// Pages of audio, and what the heap takes where that is known.
nlohmann::ordered_json MemoryJson(const tape::Arena& arena);

}  // namespace floe::session
