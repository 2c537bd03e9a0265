// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/listeners.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/operation.h"
#include "api/shapes.h"
#include "http/status.h"
#include "nlohmann/json.hpp"

namespace floe::api {
namespace {

using session::Exchange;

Json ListenerJson(const session::SeenListener& seen, absl::Time now) {
  const absl::Time connected = absl::FromUnixSeconds(seen.connected_s);
  Json json;
  json["id"] = seen.id;
  json["mount"] = seen.mount;
  json["plays"] = seen.plays;
  json["address"] = seen.peer.HostAndPort();
  json["user"] = seen.user;
  json["agent"] = seen.agent;
  json["referer"] = seen.referer;
  json["connected"] = TimeText(connected);
  json["seconds"] = uint64_t(std::max<int64_t>(0, absl::ToInt64Seconds(now - connected)));
  json["sent_bytes"] = seen.sent_bytes;
  return json;
}

}  // namespace

absl::StatusOr<ListenerWish> ReadListenerWish(const http::Query& fields, uint32_t process) {
  ListenerWish wish;
  wish.filter.mount = std::string(fields.GetOr("mount"));
  wish.filter.agent = std::string(fields.GetOr("agent"));
  if (const std::string* address = fields.Get("address"); address != nullptr) {
    const absl::StatusOr<Cidr> network = Cidr::Parse(*address);
    if (!network.ok()) {
      return http::Refusal(400, absl::StrCat("address ", network.status().message()));
    }
    wish.filter.network = *network;
  }
  if (const std::string* limit = fields.Get("limit"); limit != nullptr) {
    const bool is_one = absl::SimpleAtoi(*limit, &wish.listeners_max) && wish.listeners_max >= 1 &&
                        wish.listeners_max <= kListenersPerPageMax;
    if (!is_one) {
      return http::Refusal(400, absl::StrCat("limit is to be from 1 to ", kListenersPerPageMax));
    }
  }
  const std::string* text = fields.Get("cursor");
  if (text == nullptr) return wish;
  const absl::StatusOr<Cursor> cursor = ParseCursor(*text);
  if (!cursor.ok()) return cursor.status();
  if (cursor->process != process) {
    return http::Refusal(400, "this cursor is another process's: begin anew");
  }
  wish.place = {.shard = cursor->shard, .slot = cursor->slot};
  return wish;
}

ring::Task<> SendListeners(Exchange& exchange, std::string) {
  const uint32_t process = uint32_t(getpid());
  absl::StatusOr<ListenerWish> wish = ReadListenerWish(exchange.fields, process);
  if (!wish.ok()) {
    co_await session::Refuse(exchange, wish.status());
    co_return;
  }
  std::vector<session::SeenListener> seen;
  absl::Status read = co_await session::ReadListeners(
      exchange.services, exchange.shard, wish->filter, wish->listeners_max, &wish->place, &seen);
  if (!read.ok()) {
    co_await session::Refuse(exchange, std::move(read));
    co_return;
  }
  Json items = Json::array();
  const absl::Time now = absl::Now();
  for (const session::SeenListener& each : seen) items.push_back(ListenerJson(each, now));
  std::optional<std::string> next;
  if (!wish->place.IsEnd(exchange.services)) {
    next = CursorText({.process = process, .shard = wish->place.shard, .slot = wish->place.slot});
  }
  std::string text = TextOf(ListOf(std::move(items), next));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> EndListener(Exchange& exchange, std::string id) {
  uint64_t number = 0;
  absl::Status status;
  if (!absl::SimpleAtoi(id, &number)) {
    status = http::Refusal(404, "listeners have numbers");
  } else {
    std::string mount(exchange.fields.GetOr("mount"));
    status =
        co_await session::KickListener(exchange.services, exchange.shard, number, std::move(mount));
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  co_await SendNothing(exchange);
}

}  // namespace floe::api
