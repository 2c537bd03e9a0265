// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/figures.h"

#include <algorithm>
#include <optional>

#include "base/heap.h"
#include "base/limits.h"
#include "nlohmann/json.hpp"

namespace floe::session {

using Json = nlohmann::ordered_json;

namespace {

uint64_t MillisecondsBetween(Instant since, Instant now) {
  return uint64_t(std::max<int64_t>(0, (now - since) / milliseconds(1)));
}

// What the relay as a whole is doing.
const char* StateOf(const RelayStatus& relay) {
  if (relay.is_displaced) return "displaced";
  if (!relay.is_wanted) return "asleep";
  if (!relay.played.has_value()) return relay.is_hopeless ? "broken" : "waiting";
  const bool is_up = relay.upstreams[*relay.played].health.phase == upstream::Phase::kUp;
  return is_up ? "playing" : "connecting";
}

Json UpstreamJson(const RelayStatus::Upstream& upstream, Audience audience, Instant now) {
  const upstream::HealthState& health = upstream.health;
  Json json = {{"phase", std::string(upstream::NameOf(health.phase))},
               {"phase_ms", nullptr},
               {"attempts", health.attempts},
               {"failures", health.failures},
               {"bytes", health.bytes},
               {"lag_ms", nullptr}};
  if (audience == Audience::kOperator) {
    json["url"] = upstream.url;
    json["error"] = health.error;
  }
  if (health.since != Instant()) json["phase_ms"] = MillisecondsBetween(health.since, now);
  if (health.lag.has_value()) json["lag_ms"] = health.lag->count();
  return json;
}

}  // namespace

const char* PhaseName(mount::Phase phase) {
  switch (phase) {
    case mount::Phase::kEmpty: return "empty";
    case mount::Phase::kLive: return "live";
    case mount::Phase::kLingering: return "lingering";
  }
  return "";
}

Json RelayJson(const RelayStatus& relay, Audience audience, Instant now) {
  Json json = {{"mount", relay.mount}, {"state", StateOf(relay)}, {"on_demand", relay.is_on_demand},
               {"played", nullptr},    {"silent_ms", nullptr},    {"upstreams", Json::array()}};
  if (relay.played.has_value()) json["played"] = *relay.played;
  if (relay.last_byte != Instant()) json["silent_ms"] = MillisecondsBetween(relay.last_byte, now);
  for (const RelayStatus::Upstream& upstream : relay.upstreams) {
    json["upstreams"].push_back(UpstreamJson(upstream, audience, now));
  }
  return json;
}

Json MasterJson(const MasterBoard& board, Audience audience, Instant now) {
  const std::optional<MasterStatus> master = board.Status();
  if (!master.has_value()) return nullptr;
  Json json = {{"state", std::string(NameOf(master->phase))},
               {"state_ms", MillisecondsBetween(master->since, now)},
               {"is_followed", master->is_followed},
               {"mounts", master->listed},
               {"fetched", board.Fetched()},
               {"attempts", master->attempts},
               {"failures", master->failures}};
  if (audience == Audience::kEverybody) return json;
  json["url"] = master->url;
  json["error"] = master->error;
  return json;
}

Json PushJson(const PushStatus& push, Audience audience, Instant now) {
  const upstream::HealthState& health = push.health;
  Json json = {
      {"mount", push.mount},         {"state", std::string(upstream::NameOf(health.phase))},
      {"state_ms", nullptr},         {"attempts", health.attempts},
      {"failures", health.failures}, {"bytes", health.bytes}};
  if (audience == Audience::kOperator) {
    json["to"] = push.to;
    json["error"] = health.error;
  }
  if (health.since != Instant()) json["state_ms"] = MillisecondsBetween(health.since, now);
  return json;
}

Json ShardJson(const shard::Shard& shard) {
  const shard::ShardGauges& gauges = shard.gauges();
  return {{"listeners", gauges.listeners.load()},
          {"requests", gauges.requests.load()},
          {"interval_ms", gauges.interval_ms.load()},
          {"busy_permille", gauges.busy_permille.load()},
          {"lag_ms", gauges.lag_ms.load()},
          {"moves", gauges.moves.load()},
          {"sends", gauges.sends.load()},
          {"sent_bytes", gauges.sent_bytes.load()},
          {"zero_copy_sends", gauges.zero_copy_sends.load()},
          {"zero_copy_copied", gauges.zero_copy_copied.load()},
          {"descriptors", gauges.descriptors.load()},
          {"descriptors_max", shard.descriptors_max()},
          {"descriptors_kept_back", shard.descriptors_kept_back()}};
}

Json MemoryJson(const tape::Arena& arena) {
  Json memory = {{"arena_pages", arena.pages()},
                 {"arena_pages_used", arena.pages_in_use()},
                 {"page_bytes", kPageBytes}};
  if (const std::optional<HeapUse> heap = ReadHeapUse(); heap.has_value()) {
    memory["heap_allocated_bytes"] = heap->allocated_bytes;
    memory["heap_resident_bytes"] = heap->resident_bytes;
  }
  return memory;
}

}  // namespace floe::session
