// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Which shard runs where.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "config/core_set.h"

namespace floe::server {

// Topology is what there is to run on.
struct Topology {
  std::vector<uint32_t> allowed_cores;        // by sched_getaffinity(2), ascending
  std::map<uint32_t, uint32_t> node_of_core;  // NUMA; empty where the kernel says nothing of it
  bool has_many_nodes() const;
};
Topology ReadTopology();

// Place is where a shard runs. The cores of all shards differ as far as there are enough.
struct Place {
  int core = -1;  // -1: wherever the scheduler likes
  int node = -1;  // of its memory; -1: there is but one, or none is known

  bool operator==(const Place&) const = default;
};

// One place for each shard; `shards` 0: one for each core of the set.
// Errors: InvalidArgument when the set names what is not there or not allowed.
absl::StatusOr<std::vector<Place>> PlaceShards(const config::CoreSet& set, uint32_t shards,
                                               const Topology& topology);

// How many shards share the core of the shard that has been placed there; those that may run
// anywhere share all `cores` evenly.
uint32_t ShardsOnCoreOf(size_t shard, const std::vector<Place>& places, size_t cores);

// Keeps the calling thread, and the memory it touches from now on, at the place. What the kernel
// refuses is left to the scheduler: it costs speed, not correctness.
void StayAt(const Place& place);

}  // namespace floe::server
