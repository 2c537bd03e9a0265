// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Figures that /health and floe status have in common.
#pragma once

#include "nlohmann/json_fwd.hpp"
#include "shard/shard.h"
#include "tape/arena.h"

namespace floe::session {

// What a shard says of itself at any time. Threads: any.
nlohmann::ordered_json ShardJson(const shard::Shard& shard);

// Pages of audio, and what the heap takes where that is known.
nlohmann::ordered_json MemoryJson(const tape::Arena& arena);

}  // namespace floe::session
