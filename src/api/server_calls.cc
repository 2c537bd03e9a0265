// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/server_calls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "api/document.h"
#include "api/names.h"
#include "api/operation.h"
#include "api/shapes.h"
#include "config/describe.h"
#include "http/status.h"
#include "nlohmann/json.hpp"
#include "session/admin.h"
#include "session/endpoint.h"
#include "session/figures.h"
#include "session/paths.h"

namespace floe::api {
namespace {

using http::Method;
using session::Exchange;

Json TotalsJson(const session::Services& services) {
  const session::Totals sum = services.Sum();
  Json json;
  json["listeners"] = services.Listeners();
  json["sources"] = services.registry->sources();
  json["mounts"] = services.registry->mounts();
  json["connections"] = sum.joins;
  json["sent_bytes"] = sum.sent_bytes;
  return json;
}

Json ServerJson(const Exchange& exchange) {
  const session::Services& services = exchange.services;
  const config::Config& config = *exchange.config;
  const int64_t uptime_s = absl::ToInt64Seconds(absl::Now() - services.started);
  Json json;
  json["version"] = FLOE_VERSION;
  json["started"] = TimeText(services.started);
  json["uptime_seconds"] = uint64_t(std::max<int64_t>(0, uptime_s));
  json["hostname"] = config.server.hostname;
  json["location"] = config.server.location;
  json["admin_contact"] = config.server.admin_contact;
  json["is_draining"] = services.is_draining.load(std::memory_order_relaxed);
  json["listen"] = Json::array();
  for (const config::Listen& listen : config.listen) json["listen"].push_back(listen.address);
  json["totals"] = TotalsJson(services);
  json["memory"] = session::MemoryJson(services.registry->arena());
  json["shards"] = Json::array();
  for (const shard::Shard* shard : services.shards) {
    json["shards"].push_back(session::ShardJson(*shard));
  }
  return json;
}

Json EndpointJson(absl::string_view path, Method method, session::Need need, bool changes_state) {
  Json json;
  json["path"] = std::string(path);
  json["method"] = NameOf(method);
  json["needs"] = NameOf(need);
  json["changes_state"] = changes_state;
  return json;
}

Json EndpointsJson(const session::EndpointTable& table) {
  Json items = Json::array();
  for (const session::Endpoint* endpoint : table.all()) {
    if (endpoint->path == session::kApiPrefix) continue;  // told one by one
    for (const Method method :
         {Method::kGet, Method::kPost, Method::kPut, Method::kDelete, Method::kStats}) {
      if (!endpoint->Takes(method)) continue;
      items.push_back(
          EndpointJson(endpoint->path, method, endpoint->need, endpoint->changes_state));
    }
  }
  for (const Operation& operation : Operations()) {
    const bool changes_state = operation.method != Method::kGet;
    items.push_back(EndpointJson(operation.path, operation.method, operation.need, changes_state));
  }
  return items;
}

}  // namespace

ring::Task<> SendDocument(Exchange& exchange, std::string) {
  std::string text(Document());
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendServer(Exchange& exchange, std::string) {
  std::string text = TextOf(ServerJson(exchange));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendEndpoints(Exchange& exchange, std::string) {
  std::string text = TextOf(ListOf(EndpointsJson(*exchange.services.endpoints)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendRelays(Exchange& exchange, std::string) {
  Json items = Json::array();
  for (const session::RelayStatus& relay : exchange.services.relay_board->List()) {
    items.push_back(session::RelayJson(relay, session::Audience::kOperator, Clock::now()));
  }
  std::string text = TextOf(ListOf(std::move(items)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendMaster(Exchange& exchange, std::string) {
  const Json master = session::MasterJson(*exchange.services.master_board,
                                          session::Audience::kOperator, Clock::now());
  if (master.is_null()) {
    co_await session::Refuse(exchange, http::Refusal(404, "this server has no master"));
    co_return;
  }
  std::string text = TextOf(master);
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendPushes(Exchange& exchange, std::string) {
  Json items = Json::array();
  for (const session::PushStatus& push : exchange.services.push_board->List()) {
    items.push_back(session::PushJson(push, session::Audience::kOperator, Clock::now()));
  }
  std::string text = TextOf(ListOf(std::move(items)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendConfig(Exchange& exchange, std::string) {
  Json json;
  json["file"] = exchange.config->file.empty() ? Json(nullptr) : Json(exchange.config->file);
  json["toml"] = config::Describe(*exchange.config);
  std::string text = TextOf(json);
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> Reload(Exchange& exchange, std::string) {
  const absl::StatusOr<std::vector<std::string>> changes = co_await session::Reload(exchange);
  if (!changes.ok()) {
    // What is configured and what holds are at odds.
    absl::Status refusal = http::Refusal(409, changes.status().message());
    co_await session::Refuse(exchange, std::move(refusal));
    co_return;
  }
  Json json;
  json["changes"] = *changes;
  std::string text = TextOf(json);
  co_await Send(exchange, 200, std::move(text));
}

}  // namespace floe::api
