// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/status_json.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/local_zone.h"
#include "mount/bitrate.h"
#include "nlohmann/json.hpp"
#include "session/figures.h"

namespace floe::server {
namespace {

using control::Json;

std::string Iso8601(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%z", time, LocalZone());
}

Json MountJson(const mount::Mount& mount, const std::string& plays) {
  const mount::Snapshot snap = mount.Snap();
  Json json;
  json["name"] = mount.name();
  json["phase"] = session::PhaseName(mount.phase());
  json["plays"] = plays.empty() ? Json(nullptr) : Json(plays);  // whose audio its listeners hear
  json["hidden"] = mount.settings().hidden;
  json["content_type"] = snap.source.content_type;
  const bool is_known = !snap.source.content_type.empty();
  json["codec"] = std::string(is_known ? audio::CodecName(snap.parameters.codec) : "");
  json["bitrate_kbps"] = mount::BitrateBps(snap) / 1'000;
  json["listeners"] = mount.listeners.load();
  json["listener_peak"] = mount.listener_peak.load();
  json["connections"] = mount.listener_connections.load();
  json["received_bytes"] = snap.received_bytes;  // from this source, told now and then
  json["audio_bytes"] = mount.tape().published();
  json["sent_bytes"] = mount.sent_bytes.load();
  json["dropped_bytes"] = snap.dropped_bytes;
  json["title"] = snap.title;
  json["source"] = nullptr;
  if (snap.live) {
    json["source"] = {{"peer", snap.source.peer},
                      {"agent", snap.source.user_agent},
                      {"connected", Iso8601(snap.source.connected)}};
  }
  return json;
}

Json TotalsOf(const session::Services& services) {
  const session::Totals sum = services.Sum();
  return {{"listeners", services.Listeners()},
          {"sources", services.registry->sources()},
          {"mounts", services.registry->mounts()},
          {"connections", sum.joins},
          {"sent_bytes", sum.sent_bytes}};
}

}  // namespace

Json StatusJson(const session::Services& services, const std::string& control_socket,
                absl::Time now) {
  const config::ConfigRef config = services.config.Get();
  Json status;
  status["version"] = FLOE_VERSION;
  status["pid"] = getpid();
  status["started"] = Iso8601(services.started);
  status["uptime_ms"] =
      uint64_t(std::max<int64_t>(0, absl::ToInt64Milliseconds(now - services.started)));
  status["configuration"] = config->file;
  status["control_socket"] = control_socket;
  status["listen"] = Json::array();
  for (const config::Listen& listen : config->listen) {
    status["listen"].push_back(listen.address);
  }
  status["totals"] = TotalsOf(services);
  status["logins"]["hashed"] = services.desk->passwords.checks();
  status["logins"]["locked_out"] = services.desk->lockout.locked(Clock::now());
  status["memory"] = session::MemoryJson(services.registry->arena());
  status["mounts"] = Json::array();
  for (const mount::MountRef& mount : services.registry->List()) {
    status["mounts"].push_back(MountJson(*mount, services.registry->PlaysOf(mount->name())));
  }
  status["relays"] = Json::array();
  for (const session::RelayStatus& relay : services.relay_board->List()) {
    status["relays"].push_back(
        session::RelayJson(relay, session::Audience::kOperator, Clock::now()));
  }
  status["master"] =
      session::MasterJson(*services.master_board, session::Audience::kOperator, Clock::now());
  status["pushes"] = Json::array();
  for (const session::PushStatus& push : services.push_board->List()) {
    status["pushes"].push_back(session::PushJson(push, session::Audience::kOperator, Clock::now()));
  }
  status["shards"] = Json::array();
  for (const shard::Shard* shard : services.shards) {
    status["shards"].push_back(session::ShardJson(*shard));
  }
  return status;
}

}  // namespace floe::server
