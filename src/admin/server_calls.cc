// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "admin/answer.h"
#include "admin/calls.h"
#include "base/log.h"
#include "http/status.h"
#include "session/admin.h"
#include "session/authorize.h"

namespace floe::admin {

using session::Exchange;

namespace {

constexpr size_t kShownLines = 200;

// Empty: there is no such log.
std::optional<log::Kind> LogOf(absl::string_view name) {
  if (name == "error") return log::Kind::kEvents;
  if (name == "access") return log::Kind::kAccess;
  if (name == "playlist") return log::Kind::kPlaylist;
  if (name == "auth") return log::Kind::kAuth;
  return std::nullopt;
}

}  // namespace

ring::Task<> ReloadConfig(Exchange& exchange) {
  if (absl::Status allowed = CheckMode(exchange); !allowed.ok()) {
    co_await session::Refuse(exchange, std::move(allowed));
    co_return;
  }
  const absl::StatusOr<std::vector<std::string>> changes = co_await session::Reload(exchange);
  if (changes.ok()) {
    std::string message = absl::StrJoin(*changes, "\n");
    co_await AnswerDone(exchange, std::move(message), /*is_done=*/true);
    co_return;
  }
  Node response("iceresponse");
  response.Put("message", std::string(changes.status().message()));
  response.Put("return", 0);
  const Format format = FormatOf(exchange);
  std::string reply =
      http::Reply(exchange.To(), 400, ContentTypeOf(format), Write(format, response, "Response"));
  co_await session::Answer(exchange, std::move(reply), 400);
}

ring::Task<> MarkLog(Exchange& exchange) {
  if (absl::Status allowed = CheckMode(exchange); !allowed.ok()) {
    co_await session::Refuse(exchange, std::move(allowed));
    co_return;
  }
  log::Info("-- MARK --");
  std::string message = "Logfiles marked";
  co_await AnswerDone(exchange, std::move(message), /*is_done=*/true);
}

ring::Task<> SendLog(Exchange& exchange) {
  const std::string name(exchange.fields.GetOr("logfile", "error"));
  const std::optional<log::Kind> kind = LogOf(name);
  if (!kind.has_value()) {
    co_await session::Refuse(exchange,
                             http::Refusal(400, "logfile= is error, access, playlist or auth"));
    co_return;
  }
  Node root("icestats");
  Node& file = root.Add("log");
  file.SetAttribute("logfile", name);
  for (const std::string& line : log::Recent(*kind, kShownLines)) {
    Node& shown = file.AddOneOfMany("line");
    shown.is_row = true;
    shown.text = line;
  }
  std::string title = "Log";
  co_await AnswerWith(exchange, std::move(root), std::move(title));
}

ring::Task<> RefuseUnknown(Exchange& exchange) {
  if (exchange.request.path != "/admin/") {
    co_await session::Refuse(exchange, http::Refusal(400, "Unrecognised command"));
    co_return;
  }
  std::string mount;
  absl::Status allowed =
      co_await session::Authorize(exchange, session::Need::kRead, std::move(mount));
  if (!allowed.ok()) {
    co_await session::Refuse(exchange, std::move(allowed));
    co_return;
  }
  exchange.request.path = "/admin/stats.xsl";
  co_await SendStats(exchange);
}

}  // namespace floe::admin
