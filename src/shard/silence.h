// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "shard/shard.h"

namespace floe::shard {

// Whether the shard began a turn within that time; an idle one does so as well.
inline bool HasTurned(const ShardGauges& gauges, Instant now, nanoseconds within) {
  const Instant last_turn{nanoseconds(gauges.last_turn_ns.load(std::memory_order_relaxed))};
  return now - last_turn < within;
}

// The same of all of them: one that hangs is enough to be unwell. Threads: any.
inline bool HaveAllTurned(const std::vector<Shard*>& shards, Instant now, nanoseconds within) {
  return std::all_of(shards.begin(), shards.end(),
                     [=](const Shard* shard) { return HasTurned(shard->gauges(), now, within); });
}

}  // namespace floe::shard
