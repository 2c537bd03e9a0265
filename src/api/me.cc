// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/me.h"

#include <array>
#include <utility>

#include "api/names.h"
#include "api/operation.h"
#include "api/shapes.h"
#include "http/status.h"
#include "nlohmann/json.hpp"
#include "session/authorize.h"

namespace floe::api {

using session::Need;

ring::Task<> SendMe(session::Exchange& exchange, std::string) {
  static constexpr std::array kOfServer = {Need::kRelay, Need::kRead, Need::kOperate,
                                           Need::kConfigure};
  const std::string mount(exchange.fields.GetOr("mount"));
  Json may = Json::array();
  absl::Status refusal;
  if (!mount.empty()) {
    refusal = co_await session::Authorize(exchange, Need::kTell, mount);
    if (refusal.ok()) may.push_back(NameOf(Need::kTell));
  }
  for (const Need need : kOfServer) {
    // Who they are is not known: asking on would be failing on.
    if (http::HttpStatusOf(refusal) == 401 || http::HttpStatusOf(refusal) == 429) break;
    refusal = co_await session::Authorize(exchange, need, mount);
    if (refusal.ok()) may.push_back(NameOf(need));
  }
  if (may.empty()) {
    co_await session::Refuse(exchange, std::move(refusal));
    co_return;
  }
  Json json;
  json["user"] = exchange.user;
  json["mount"] = mount.empty() ? Json(nullptr) : Json(mount);
  json["may"] = std::move(may);
  std::string text = TextOf(json);
  co_await Send(exchange, 200, std::move(text));
}

}  // namespace floe::api
