// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Figures that /health and floe status have in common.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "mount/mount.h"
#include "nlohmann/json_fwd.hpp"
#include "session/master_board.h"
#include "session/push_board.h"
#include "session/relay_board.h"
#include "shard/shard.h"
#include "tape/arena.h"

namespace floe::session {

// "live", "lingering", "empty".
const char* PhaseName(mount::Phase phase);

// What a shard says of itself at any time. Threads: any.
nlohmann::ordered_json ShardJson(const shard::Shard& shard);

// Where other servers are, and what they answer, is the operator's business: /health is
// everybody's.
enum class Audience : uint8_t { kEverybody, kOperator };
// Which server is the master, and how it is; null: none is.
nlohmann::ordered_json MasterJson(const MasterBoard& board, Audience audience, Instant now);
// How a relay is and each of its upstreams.
nlohmann::ordered_json RelayJson(const RelayStatus& relay, Audience audience, Instant now);

// How a push is and the server that it goes to.
nlohmann::ordered_json PushJson(const PushStatus& push, Audience audience, Instant now);

// Pages of audio, and what the heap takes where that is known.
nlohmann::ordered_json MemoryJson(const tape::Arena& arena);

}  // namespace floe::session
