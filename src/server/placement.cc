// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/placement.h"

#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"

namespace floe::server {
namespace {

// Node numbers are few and dense; a hole ends nothing, so all of them are tried.
constexpr uint32_t kNumaNodesMax = 64;

absl::StatusOr<std::vector<uint32_t>> CoresOf(const config::CoreSet& set,
                                              const Topology& topology) {
  using Kind = config::CoreSet::Kind;
  const std::vector<uint32_t>& allowed = topology.allowed_cores;
  if (set.kind == Kind::kListed) {
    for (const uint32_t core : set.cores) {
      if (std::find(allowed.begin(), allowed.end(), core) != allowed.end()) continue;
      return absl::InvalidArgumentError(absl::StrCat("server.cores names core ", core,
                                                     "; this process may run on ",
                                                     absl::StrJoin(allowed, ",")));
    }
    return set.cores;
  }
  if (set.kind != Kind::kNode) return allowed;
  std::vector<uint32_t> of_node;
  for (const uint32_t core : allowed) {
    const auto node = topology.node_of_core.find(core);
    if (node != topology.node_of_core.end() && node->second == set.node) of_node.push_back(core);
  }
  if (of_node.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("server.cores: NUMA node ", set.node,
                                                   " has no core that this process may run on"));
  }
  return of_node;
}

void PinTo(int core) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  pthread_setaffinity_np(pthread_self(), sizeof(only), &only);
}

// Preferred, not bound: another node's memory is better than none. By number, since libnuma would
// be a dependency for one call (set_mempolicy(2)).
void PreferMemoryOf(int node) {
  static_assert(kNumaNodesMax <= sizeof(unsigned long) * CHAR_BIT);
  const unsigned long nodes = 1ul << node;
  syscall(SYS_set_mempolicy, MPOL_PREFERRED, &nodes, sizeof(nodes) * CHAR_BIT);
}

}  // namespace

bool Topology::has_many_nodes() const {
  return std::any_of(node_of_core.begin(), node_of_core.end(), [this](const auto& entry) {
    return entry.second != node_of_core.begin()->second;
  });
}

Topology ReadTopology() {
  Topology topology;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    for (uint32_t core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &allowed)) topology.allowed_cores.push_back(core);
    }
  }
  for (uint32_t node = 0; node < kNumaNodesMax; ++node) {
    std::ifstream file(absl::StrCat("/sys/devices/system/node/node", node, "/cpulist"));
    std::string list;
    if (!std::getline(file, list)) continue;
    const absl::StatusOr<std::vector<uint32_t>> cores = config::ParseCoreList(list);
    if (!cores.ok()) continue;  // a node of memory alone
    for (const uint32_t core : *cores) topology.node_of_core[core] = node;
  }
  return topology;
}

absl::StatusOr<std::vector<Place>> PlaceShards(const config::CoreSet& set, uint32_t shards,
                                               const Topology& topology) {
  absl::StatusOr<std::vector<uint32_t>> cores = CoresOf(set, topology);
  if (!cores.ok()) return cores.status();
  if (shards == 0) shards = uint32_t(std::max<size_t>(1, cores->size()));
  std::vector<Place> places(std::min(shards, kShardsMax));
  if (set.kind == config::CoreSet::Kind::kFree || cores->empty()) return places;
  for (size_t i = 0; i < places.size(); ++i) {
    const uint32_t core = (*cores)[i % cores->size()];
    places[i].core = int(core);
    const auto node = topology.node_of_core.find(core);
    if (topology.has_many_nodes() && node != topology.node_of_core.end()) {
      places[i].node = int(node->second);
    }
  }
  return places;
}

uint32_t ShardsOnCoreOf(size_t shard, const std::vector<Place>& places, size_t cores) {
  const auto same = uint32_t(std::count_if(places.begin(), places.end(), [&](const Place& place) {
    return place.core == places[shard].core;
  }));
  if (places[shard].core >= 0) return same;
  return uint32_t((same + cores - 1) / cores);
}

void StayAt(const Place& place) {
  if (place.core >= 0) PinTo(place.core);
  if (place.node >= 0) PreferMemoryOf(place.node);
}

}  // namespace floe::server
