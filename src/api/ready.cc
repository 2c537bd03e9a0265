// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/ready.h"

#include "api/operation.h"
#include "api/shapes.h"
#include "nlohmann/json.hpp"
#include "session/pages.h"

namespace floe::api {
namespace {

bool IsFull(const shard::Shard& shard) {
  return shard.gauges().listeners.load() + shard.descriptors_kept_back() >= shard.descriptors_max();
}

}  // namespace

std::vector<std::string> ReasonsNotReady(const session::Services& services) {
  const config::ConfigRef config = services.config.Get();
  const config::Limits& limits = config->limits;
  std::vector<std::string> reasons;
  if (services.is_draining.load(std::memory_order_relaxed)) {
    reasons.push_back("the server is about to stop");
  }
  if (!session::IsWell(services, Clock::now())) reasons.push_back("a shard does not turn");
  if (limits.listeners != 0 && services.Listeners() >= limits.listeners) {
    reasons.push_back("there are as many listeners as there may be");
  }
  // Which shard a newcomer comes to is the kernel's choice: one that would refuse it is enough.
  bool is_full = false;
  bool is_late = false;
  for (const shard::Shard* shard : services.shards) {
    is_full |= IsFull(*shard);
    is_late |= milliseconds(shard->gauges().lag_ms.load()) > limits.lag;
  }
  if (is_full) reasons.push_back("a shard has no descriptors left for listeners");
  if (is_late) reasons.push_back("a shard serves its listeners late");
  return reasons;
}

ring::Task<> SendAlive(session::Exchange& exchange) {
  const bool is_well = session::IsWell(exchange.services, exchange.shard.now());
  Json json;
  json["status"] = is_well ? "ok" : "a shard does not turn";
  co_await Send(exchange, is_well ? 200 : 503, TextOf(json));
}

ring::Task<> SendReady(session::Exchange& exchange) {
  const std::vector<std::string> reasons = ReasonsNotReady(exchange.services);
  Json json;
  json["status"] = reasons.empty() ? "ready" : "not ready";
  json["reasons"] = reasons;
  co_await Send(exchange, reasons.empty() ? 200 : 503, TextOf(json));
}

}  // namespace floe::api
