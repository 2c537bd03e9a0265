// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "admin/answer.h"
#include "admin/calls.h"
#include "admin/listeners.h"
#include "admin/stats.h"
#include "http/escape.h"
#include "http/playlist.h"
#include "http/status.h"
#include "mount/mount.h"
#include "mount/registry.h"
#include "session/authorize.h"
#include "session/paths.h"
#include "session/stream_list.h"
#include "session/titles.h"

namespace floe::admin {

using session::Exchange;

namespace {

// As listmounts and moveclients have it. `without`: that one is left out.
Node MountsDocument(const Exchange& exchange, absl::string_view without) {
  const char* const connected = ModeOf(exchange) == Mode::kLegacy ? "Connected" : "connected";
  Node root("icestats");
  if (!without.empty()) root.Put("current_source", without);
  for (const mount::MountRef& mount : LiveMounts(*exchange.services.registry)) {
    if (mount->name() == without) continue;
    const config::Mount settings = mount->settings();
    const mount::SourceInfo info = mount->Snap().source;
    Node& source = root.AddOneOfMany("source");
    source.SetAttribute("mount", mount->name());
    source.Put("fallback", settings.fallback.empty() ? "" : settings.fallback.front());
    source.Put("listeners", mount->listeners.load());
    source.Put(connected, SecondsSince(info.connected));
    source.Put("content-type", info.content_type);
  }
  return root;
}

// What a fallback may be named: a mount. Empty: none.
absl::Status CheckFallback(absl::string_view name) {
  return name.empty() ? absl::OkStatus() : http::ValidatePath(name);
}

absl::StatusOr<std::string> SetFallbackNow(const Exchange& exchange) {
  if (absl::Status allowed = CheckMode(exchange); !allowed.ok()) return allowed;
  const absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  if (!mount.ok()) return mount.status();
  const std::string* const fallback = exchange.fields.Get("fallback");
  if (fallback == nullptr) return http::Refusal(400, "Missing parameter");
  if (absl::Status usable = CheckFallback(*fallback); !usable.ok()) return usable;
  config::Mount settings = (*mount)->settings();
  settings.fallback.clear();
  if (!fallback->empty()) settings.fallback.push_back(*fallback);
  exchange.services.registry->Change(**mount, settings);
  return "Fallback configured";
}

absl::StatusOr<std::string> KillSourceNow(Exchange& exchange) {
  if (absl::Status allowed = CheckMode(exchange); !allowed.ok()) return allowed;
  const absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  if (!mount.ok()) return mount.status();
  if ((*mount)->phase() != mount::Phase::kLive) return http::Refusal(404, "Source does not exist");
  session::EndSources(exchange, mount->get());
  return "Source Removed";
}

}  // namespace

ring::Task<> SendMounts(Exchange& exchange) {
  Node document = MountsDocument(exchange, /*without=*/"");
  std::string title = "Mounts";
  co_await AnswerWith(exchange, std::move(document), std::move(title));
}

ring::Task<> SendMountsOrStreamList(Exchange& exchange) {
  if (exchange.fields.GetOr("follow") == "1") {
    co_await session::SendStreamList(exchange);
  } else {
    co_await SendMounts(exchange);
  }
}

ring::Task<> SetFallback(Exchange& exchange) {
  absl::StatusOr<std::string> message = SetFallbackNow(exchange);
  co_await AnswerDone(exchange, std::move(message));
}

ring::Task<> KillSource(Exchange& exchange) {
  absl::StatusOr<std::string> message = KillSourceNow(exchange);
  co_await AnswerDone(exchange, std::move(message));
}

ring::Task<> MoveListeners(Exchange& exchange) {
  absl::StatusOr<mount::MountRef> from = MountOf(exchange);
  if (!from.ok()) {
    co_await session::Refuse(exchange, from.status());
    co_return;
  }
  const std::string* const destination = exchange.fields.Get("destination");
  if (destination == nullptr) {
    Node document = MountsDocument(exchange, (*from)->name());
    std::string title = absl::StrCat("Where listeners of ", (*from)->name(), " may be moved");
    co_await AnswerWith(exchange, std::move(document), std::move(title));
    co_return;
  }
  absl::Status allowed = CheckMode(exchange);
  // It may be for some only, and may have room for so many: who moves them there answers for it.
  if (allowed.ok()) {
    allowed = co_await session::Authorize(exchange, session::Need::kOperate, *destination);
  }
  mount::MountRef to = exchange.services.registry->Find(*destination);
  if (allowed.ok() && (!to || to->phase() != mount::Phase::kLive)) {
    allowed = http::Refusal(400, "No such destination");
  }
  if (allowed.ok() && to.get() == from->get()) {
    allowed = http::Refusal(400, "supplied mountpoints are identical");
  }
  if (!allowed.ok()) {
    co_await session::Refuse(exchange, std::move(allowed));
    co_return;
  }
  co_await MoveListenersTo(exchange, *std::move(from), std::move(to));
}

ring::Task<> UpdateMetadata(Exchange& exchange) {
  const absl::Status allowed = CheckMode(exchange);
  absl::StatusOr<std::string> message = "";
  if (allowed.ok()) {
    message = session::UpdateTitle(exchange);
  } else {
    message = allowed;
  }
  co_await AnswerDone(exchange, std::move(message));
}

ring::Task<> SendMetadataForm(Exchange& exchange) {
  absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  if (!mount.ok()) {
    co_await session::Refuse(exchange, mount.status());
    co_return;
  }
  if (FormatOf(exchange) != Format::kHtml) {
    Node root("icestats");
    root.AddOneOfMany("source").SetAttribute("mount", (*mount)->name());
    std::string title;
    co_await AnswerWith(exchange, std::move(root), std::move(title));
    co_return;
  }
  const std::string name = http::EscapeXml((*mount)->name());
  std::string reply = http::Reply(
      exchange.To(), 200, ContentTypeOf(Format::kHtml),
      absl::StrCat("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>",
                   "Update Metadata</title></head><body><h1>", name,
                   "</h1>\n<form method=\"post\" action=\"/admin/metadata.xsl\">",
                   "<input type=\"hidden\" name=\"mount\" value=\"", name,
                   "\"><input type=\"hidden\" name=\"mode\" value=\"updinfo\">",
                   "<input type=\"hidden\" name=\"charset\" value=\"UTF-8\">",
                   "<label>Title: <input type=\"text\" name=\"song\"></label> ",
                   "<button>Update</button></form></body></html>\n"));
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> SendPlaylistWithLogin(Exchange& exchange) {
  absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  absl::Status status = mount.status();
  const std::string* const user = exchange.fields.Get("username");
  const std::string* const password = exchange.fields.Get("password");
  if (status.ok() && (user == nullptr || password == nullptr)) {
    status = http::Refusal(400, "Missing parameter");
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  constexpr absl::string_view kScheme = "http://";
  const std::string base = BaseUrlOf(exchange);
  const std::string body =
      absl::StrCat(kScheme, http::UrlEncode(*user), ":", http::UrlEncode(*password), "@",
                   base.substr(kScheme.size()), http::UrlEncodePath((*mount)->name()), "\r\n");
  std::string reply =
      http::Reply(exchange.To(), 200, http::PlaylistContentType(http::PlaylistKind::kM3u), body,
                  {{"Content-Disposition", "attachment; filename=\"listen.m3u\""},
                   {"Cache-Control", "no-cache, no-store"}});
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> ControlDump(Exchange& exchange) {
  absl::Status status = CheckMode(exchange);
  if (status.ok()) status = MountOf(exchange).status();
  if (status.ok() && exchange.fields.GetOr("action") != "kill") {
    status = http::Refusal(400, "Missing parameter");
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  std::string message = "No dumpfile in use";
  co_await AnswerDone(exchange, std::move(message), /*is_done=*/false);
}

}  // namespace floe::admin
