// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/plan.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "config/core_set.h"

namespace floe::doctor {
namespace {

std::vector<uint32_t> CoresOf(const std::string& text, const Host& host) {
  const absl::StatusOr<config::CoreSet> set = config::ParseCoreSet(text);
  if (!set.ok()) return host.cores;
  switch (set->kind) {
    case config::CoreSet::Kind::kAllowed:
    case config::CoreSet::Kind::kFree: break;
    case config::CoreSet::Kind::kListed: return set->cores;
    case config::CoreSet::Kind::kNode: {
      const auto node = host.nodes.find(set->node);
      return node == host.nodes.end() ? std::vector<uint32_t>() : node->second;
    }
  }
  return host.cores;
}

}  // namespace

Plan PlanOf(const config::Config& config, const Host& host) {
  Plan plan;
  plan.cores = CoresOf(config.server.cores, host);
  plan.shards = config.server.shards;
  if (plan.shards == 0) plan.shards = std::max(1u, uint32_t(plan.cores.size()));
  plan.shards = std::min(plan.shards, kShardsMax);
  plan.listeners = config.limits.listeners;
  plan.send_buffer_bytes = config.fanout.send_buffer_bytes;
  plan.arena_bytes = config.limits.arena_bytes;
  plan.may_zero_copy = config.fanout.zero_copy != config::Fanout::ZeroCopy::kOff;
  plan.congestion = config.fanout.congestion;
  return plan;
}

}  // namespace floe::doctor
