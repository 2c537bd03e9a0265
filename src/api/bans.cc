// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/bans.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "access/bans.h"
#include "access/gate.h"
#include "api/body.h"
#include "api/operation.h"
#include "api/shapes.h"
#include "base/cidr.h"
#include "base/log.h"
#include "http/status.h"
#include "nlohmann/json.hpp"

namespace floe::api {
namespace {

using session::Exchange;

constexpr uint64_t kBanSecondsMax = uint64_t{10} * 366 * 24 * 3600;

Json BanJson(const access::Ban& ban) {
  Json json;
  json["network"] = ban.cidr.ToString();
  json["reason"] = ban.reason;
  json["since"] = TimeText(ban.since);
  json["until"] = ban.until.has_value() ? Json(TimeText(*ban.until)) : Json(nullptr);
  return json;
}

absl::StatusOr<Cidr> ReadNetwork(const std::string& text) {
  absl::StatusOr<Cidr> network = Cidr::Parse(text);
  if (network.ok()) return network;
  return http::Refusal(400, absl::StrCat("the network ", network.status().message()));
}

// Makes it and answers it.
absl::StatusOr<access::Ban> Ban(const Exchange& exchange) {
  static constexpr std::array<BodyField, 3> kFields = {
      BodyField{.name = "network", .kind = BodyField::Kind::kText, .is_needed = true},
      BodyField{.name = "reason"}, BodyField{.name = "seconds", .kind = BodyField::Kind::kNumber}};
  const absl::StatusOr<Json> body =
      ParseBody(exchange.HeaderOr("Content-Type"), exchange.body, kFields);
  if (!body.ok()) return body.status();
  const absl::StatusOr<Cidr> network = ReadNetwork((*body)["network"].get<std::string>());
  if (!network.ok()) return network.status();
  access::Ban ban{.cidr = *network,
                  .reason = body->value("reason", std::string()),
                  .since = absl::Now(),
                  .until = std::nullopt};
  if (body->contains("seconds")) {
    const auto seconds = (*body)["seconds"].get<uint64_t>();
    if (seconds == 0 || seconds > kBanSecondsMax) {
      return http::Refusal(400, absl::StrCat("\"seconds\" is to be from 1 to ", kBanSecondsMax));
    }
    ban.until = ban.since + absl::Seconds(int64_t(seconds));
  }
  const absl::Status added = exchange.services.gate->bans().Add(ban.cidr, ban.reason, ban.until);
  if (!added.ok()) return added;
  log::Info(absl::StrCat(exchange.user, " banned ", ban.cidr.ToString()));
  return ban;
}

}  // namespace

ring::Task<> SendBans(Exchange& exchange, std::string) {
  Json items = Json::array();
  for (const access::Ban& ban : exchange.services.gate->bans().List()) {
    items.push_back(BanJson(ban));
  }
  std::string text = TextOf(ListOf(std::move(items)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> AddBan(Exchange& exchange, std::string) {
  const absl::StatusOr<access::Ban> ban = Ban(exchange);
  if (!ban.ok()) {
    co_await session::Refuse(exchange, ban.status());
    co_return;
  }
  std::string text = TextOf(BanJson(*ban));
  co_await Send(exchange, 201, std::move(text));
}

ring::Task<> EndBan(Exchange& exchange, std::string network) {
  const absl::StatusOr<Cidr> cidr = ReadNetwork(network);
  absl::Status status = cidr.status();
  if (status.ok()) status = exchange.services.gate->bans().Remove(*cidr);
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  log::Info(absl::StrCat(exchange.user, " ended the ban of ", cidr->ToString()));
  co_await SendNothing(exchange);
}

}  // namespace floe::api
