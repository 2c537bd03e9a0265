// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/operation.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/names.h"
#include "api/path.h"
#include "http/cross_site.h"
#include "http/reply.h"
#include "http/status.h"
#include "session/authorize.h"

namespace floe::api {
namespace {

using http::Method;
using session::Exchange;
using session::Need;

constexpr absl::string_view kJsonType = "application/json; charset=utf-8";

std::vector<http::ExtraHeader> NotKept() { return {{"Cache-Control", "no-store"}}; }

struct Found {
  const Operation* operation = nullptr;  // null: none of that method
  std::string name;
  std::vector<absl::string_view> methods;  // of the path; none: there is no such path
};

Found Find(const http::Request& request) {
  const std::vector<std::string> segments = SegmentsOf(request.target);
  const Method method = request.method == Method::kHead ? Method::kGet : request.method;
  Found found;
  for (const Operation& operation : Operations()) {
    std::optional<std::string> name = MatchPath(operation.path, segments);
    if (!name.has_value()) continue;
    found.methods.push_back(NameOf(operation.method));
    if (operation.method == Method::kGet) found.methods.push_back("HEAD");
    if (operation.method != method) continue;
    found.operation = &operation;
    found.name = *std::move(name);
  }
  return found;
}

absl::Status CheckSite(const Exchange& exchange, const Operation& operation) {
  if (operation.method == Method::kGet || !http::IsCrossSite(exchange.request)) {
    return absl::OkStatus();
  }
  return http::Refusal(403, "a page of another site may not ask for this");
}

// The mount that it is about; empty: the server.
std::string MountOf(const Exchange& exchange, const Operation& operation, const std::string& name) {
  if (operation.about == session::About::kServer) return "";
  const bool is_in_path = operation.path.find("{mount}") != absl::string_view::npos;
  return is_in_path ? name : std::string(exchange.fields.GetOr("mount"));
}

ring::Task<> RefuseMethod(Exchange& exchange, std::string allowed) {
  http::ReplyTo to = exchange.To();
  to.allowed = std::move(allowed);
  std::string reply = http::ErrorReply(to, 405, "this method is not known here");
  co_await session::Answer(exchange, std::move(reply), 405);
}

}  // namespace

ring::Task<> AnswerCall(Exchange& exchange) {
  Found found = Find(exchange.request);
  if (found.methods.empty()) {
    co_await session::Refuse(exchange, http::Refusal(404, "there is no such path"));
    co_return;
  }
  if (found.operation == nullptr) {
    co_await RefuseMethod(exchange, absl::StrJoin(found.methods, ", "));
    co_return;
  }
  absl::Status status = CheckSite(exchange, *found.operation);
  if (status.ok() && found.operation->need != Need::kNothing) {
    std::string mount = MountOf(exchange, *found.operation, found.name);
    status = co_await session::Authorize(exchange, found.operation->need, std::move(mount));
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  co_await found.operation->answer(exchange, std::move(found.name));
}

ring::Task<> Send(Exchange& exchange, int http_status, std::string json) {
  std::string reply = http::Reply(exchange.To(), http_status, kJsonType, json, NotKept());
  co_await session::Answer(exchange, std::move(reply), http_status);
}

ring::Task<> SendNothing(Exchange& exchange) {
  std::string reply = http::Reply(exchange.To(), 204, "", "", NotKept());
  co_await session::Answer(exchange, std::move(reply), 204);
}

}  // namespace floe::api
