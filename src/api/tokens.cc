// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/tokens.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "access/desk.h"
#include "access/roles.h"
#include "api/body.h"
#include "api/operation.h"
#include "api/shapes.h"
#include "base/log.h"
#include "http/status.h"
#include "nlohmann/json.hpp"
#include "session/authorize.h"
#include "shard/worker_pool.h"

namespace floe::api {
namespace {

using session::Exchange;

Json TimeOrNull(const std::optional<absl::Time>& time) {
  return time.has_value() ? Json(TimeText(*time)) : Json(nullptr);
}

Json TokenJson(const access::TokenRecord& token) {
  Json json;
  json["name"] = token.name;
  json["role"] = std::string(access::RoleName(token.grant.role));
  json["mounts"] = token.grant.mounts;
  json["created"] = TimeText(token.created);
  json["last_used"] = TimeOrNull(token.last_used);
  json["expires"] = TimeOrNull(token.expires);
  return json;
}

// Of a job that no worker came to.
absl::Status NotDone() { return http::Refusal(503, "the server is busy"); }

// Writes the file, so it runs on a worker; as the next one.
class AddJob final : public shard::Job {
 public:
  AddJob(access::Tokens& tokens, access::TokenRecord token)
      : tokens_(tokens), token_(std::move(token)) {}
  void Run() override { made_ = tokens_.Add(std::move(token_)); }
  // The token itself.
  const absl::StatusOr<std::string>& made() const { return made_; }

 private:
  access::Tokens& tokens_;
  access::TokenRecord token_;
  absl::StatusOr<std::string> made_ = NotDone();
};

class RemoveJob final : public shard::Job {
 public:
  RemoveJob(access::Tokens& tokens, std::string name) : tokens_(tokens), name_(std::move(name)) {}
  void Run() override { removed_ = tokens_.Remove(name_); }
  const absl::Status& removed() const { return removed_; }

 private:
  access::Tokens& tokens_;
  const std::string name_;
  absl::Status removed_ = NotDone();
};

// Where the file is and what is wrong with it, is no business of who asks.
absl::Status Told(const absl::Status& status) {
  if (http::HttpStatusOf(status) != 500) return status;
  log::Error(status.message());
  return http::Refusal(503, "the file of tokens cannot be written");
}

}  // namespace

absl::StatusOr<access::TokenRecord> ReadNewToken(absl::string_view content_type,
                                                 absl::string_view body, absl::Time now,
                                                 std::optional<absl::Time> ends) {
  static constexpr std::array<BodyField, 4> kFields = {
      BodyField{.name = "name", .kind = BodyField::Kind::kText, .is_needed = true},
      BodyField{.name = "role", .kind = BodyField::Kind::kText, .is_needed = true},
      BodyField{.name = "mounts", .kind = BodyField::Kind::kTexts},
      BodyField{.name = "days", .kind = BodyField::Kind::kNumber}};
  const absl::StatusOr<Json> said = ParseBody(content_type, body, kFields);
  if (!said.ok()) return said.status();
  const std::optional<access::Role> role = access::RoleNamed((*said)["role"].get<std::string>());
  if (!role.has_value()) {
    return http::Refusal(400, "\"role\" is to be source, relay, read, operate or configure");
  }
  access::TokenRecord token;
  token.name = (*said)["name"].get<std::string>();
  token.grant = {.role = *role, .mounts = said->value("mounts", std::vector<std::string>())};
  token.created = now;
  if (said->contains("days")) {
    const auto days = (*said)["days"].get<uint64_t>();
    if (days == 0 || days > kTokenDaysMax) {
      return http::Refusal(400, absl::StrCat("\"days\" is to be from 1 to ", kTokenDaysMax));
    }
    token.expires = now + absl::Hours(24) * int64_t(days);
  }
  if (ends.has_value() && token.expires.value_or(absl::InfiniteFuture()) > *ends) {
    return http::Refusal(403, absl::StrCat("your own token ends ", TimeText(*ends),
                                           ": make none that lasts longer"));
  }
  return token;
}

ring::Task<> SendTokens(Exchange& exchange, std::string) {
  Json items = Json::array();
  for (const access::TokenRecord& token : exchange.services.desk->tokens.List()) {
    items.push_back(TokenJson(token));
  }
  std::string text = TextOf(ListOf(std::move(items)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> AddToken(Exchange& exchange, std::string) {
  const absl::StatusOr<access::TokenRecord> token = ReadNewToken(
      exchange.HeaderOr("Content-Type"), exchange.body, absl::Now(), session::LoginEnds(exchange));
  if (!token.ok()) {
    co_await session::Refuse(exchange, token.status());
    co_return;
  }
  AddJob job(exchange.services.desk->tokens, *token);
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  if (!job.made().ok()) {
    co_await session::Refuse(exchange, Told(job.made().status()));
    co_return;
  }
  log::Info(absl::StrCat(
      exchange.user, " made the token ", token->name, ": ", access::RoleName(token->grant.role),
      token->grant.mounts.empty() ? "" : " of ", absl::StrJoin(token->grant.mounts, " ")));
  Json json = TokenJson(*token);
  json["token"] = *job.made();
  std::string text = TextOf(json);
  co_await Send(exchange, 201, std::move(text));
}

ring::Task<> EndToken(Exchange& exchange, std::string name) {
  RemoveJob job(exchange.services.desk->tokens, name);
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  if (!job.removed().ok()) {
    co_await session::Refuse(exchange, Told(job.removed()));
    co_return;
  }
  log::Info(absl::StrCat(exchange.user, " ended the token ", name));
  co_await SendNothing(exchange);
}

}  // namespace floe::api
