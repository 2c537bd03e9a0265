// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/answer.h"

#include <utility>

#include "absl/strings/match.h"
#include "config/internal_mounts.h"
#include "http/playlist.h"
#include "http/status.h"
#include "mount/mount.h"

namespace floe::admin {

using session::Exchange;

Format FormatOf(const Exchange& exchange) {
  if (absl::EndsWith(exchange.request.path, ".json")) return Format::kJson;
  if (absl::EndsWith(exchange.request.path, ".xsl")) return Format::kHtml;
  return Format::kXml;
}

absl::string_view ContentTypeOf(Format format) {
  switch (format) {
    case Format::kXml: return "text/xml; charset=utf-8";
    case Format::kJson: return "application/json; charset=utf-8";
    case Format::kHtml: return "text/html; charset=utf-8";
  }
  return "";
}

Mode ModeOf(const Exchange& exchange) {
  const absl::string_view mode = exchange.fields.GetOr("omode");
  if (mode == "legacy") return Mode::kLegacy;
  if (mode == "normal") return Mode::kNormal;
  if (mode == "strict") return Mode::kStrict;
  return FormatOf(exchange) == Format::kJson ? Mode::kNormal : Mode::kLegacy;
}

absl::Status CheckMode(const Exchange& exchange) {
  const bool is_refused =
      ModeOf(exchange) == Mode::kStrict && exchange.request.method != http::Method::kPost;
  return is_refused ? http::Refusal(405, "in this mode it is asked for by POST") : absl::OkStatus();
}

absl::StatusOr<mount::MountRef> MountOf(const Exchange& exchange) {
  const absl::string_view name = exchange.fields.GetOr("mount");
  if (name.empty()) return http::Refusal(400, "say the mount: mount=/...");
  mount::MountRef mount = exchange.services.registry->Find(name);
  const bool is_there = mount && !config::IsInternalMount(name) &&
                        (mount->phase() != mount::Phase::kEmpty || mount->listeners.load() > 0);
  if (!is_there) return http::Refusal(404, "Source does not exist");
  return mount;
}

ring::Task<> AnswerWith(Exchange& exchange, Node document, std::string title) {
  const Format format = FormatOf(exchange);
  std::string reply =
      http::Reply(exchange.To(), 200, ContentTypeOf(format), Write(format, document, title),
                  {{"Cache-Control", "no-cache, no-store"}});
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> AnswerDone(Exchange& exchange, std::string message, bool is_done) {
  Node response("iceresponse");
  response.Put("message", message);
  response.Put("return", is_done ? 1 : 0);
  std::string title = "Response";
  co_await AnswerWith(exchange, std::move(response), std::move(title));
}

ring::Task<> AnswerDone(Exchange& exchange, absl::StatusOr<std::string> message) {
  if (!message.ok()) {
    co_await session::Refuse(exchange, message.status());
    co_return;
  }
  co_await AnswerDone(exchange, *std::move(message), /*is_done=*/true);
}

std::string BaseUrlOf(const Exchange& exchange) {
  return http::BaseUrl(exchange.request, exchange.config->server.hostname, exchange.services.port);
}

}  // namespace floe::admin
