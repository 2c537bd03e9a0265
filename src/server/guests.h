// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners as an operator sees them: one by one, over all shards. Each function here runs on the
// shards' threads, between two turns, while the caller waits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "control/protocol.h"
#include "ring/waker.h"
#include "shard/shard.h"

namespace floe::server {

// REQUIRES, of all: what shard::CallEach requires.
using Shards = std::span<shard::Shard* const>;

// Adds "listeners", by number, and "listeners_left_off": how many more there are than an answer
// holds. `mount` empty: of all mounts.
void AddListeners(Shards shards, ring::Waker& waker, const std::string& mount, absl::Time now,
                  control::Json* status);

// Ends those listeners; answers the numbers of those that were there.
std::vector<uint64_t> KickListeners(Shards shards, ring::Waker& waker, std::vector<uint64_t> ids);

// Ends all listeners of a mount; answers how many.
uint64_t KickMount(Shards shards, ring::Waker& waker, const std::string& mount);

// Ends the source of a mount, which is compared and not looked into.
void KickSource(Shards shards, ring::Waker& waker, const mount::Mount* mount);

}  // namespace floe::server
