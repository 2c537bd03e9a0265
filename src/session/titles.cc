// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/titles.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/framer.h"
#include "config/internal_mounts.h"
#include "http/charset.h"
#include "http/shoutcast.h"
#include "http/status.h"
#include "http/url.h"
#include "mount/mount.h"
#include "mount/registry.h"
#include "session/admin.h"
#include "session/authorize.h"

namespace floe::session {
namespace {

constexpr uint64_t kFormBytesMax = 16 * 1024;  // a title is cut to kTitleBytesMax anyway
constexpr absl::string_view kFormType = "application/x-www-form-urlencoded";

// "Artist - Title" of whatever was given of it.
std::string SongOf(const http::Query& query, absl::string_view charset) {
  if (query.Get("song") != nullptr) return http::ToUtf8(query.GetOr("song"), charset);
  const std::string artist = http::ToUtf8(query.GetOr("artist"), charset);
  const std::string title = http::ToUtf8(query.GetOr("title"), charset);
  if (artist.empty()) return title;
  return title.empty() ? artist : absl::StrCat(artist, " - ", title);
}

void SetTitle(mount::Mount& mount, const http::Query& query) {
  const std::string set = mount.settings().charset;
  const absl::string_view charset = query.GetOr("charset", set);
  mount.SetTitle(SongOf(query, charset), http::ToUtf8(query.GetOr("url"), charset));
}

// The fields of the query, and of the body when it is a form. Refusal: 413 for a long one.
ring::Task<absl::Status> HearFields(Exchange& exchange, http::Query* query) {
  *query = exchange.request.ParseQuery();
  if (exchange.request.method != http::Method::kPost) co_return absl::OkStatus();
  const absl::StatusOr<http::BodyFraming> body = http::FramingOf(exchange.request);
  if (!body.ok()) co_return body.status();
  if (body->kind != http::BodyFraming::Kind::kLength) {
    co_return http::Refusal(411, "say the form's Content-Length");
  }
  if (body->length_bytes > kFormBytesMax) co_return http::Refusal(413, "the form is too long");
  while (exchange.received.size() < body->length_bytes) {
    absl::Status heard = co_await Hear(exchange, exchange.by);
    if (!heard.ok()) co_return heard;
  }
  const bool is_form = absl::StartsWithIgnoreCase(exchange.HeaderOr("Content-Type"), kFormType);
  if (is_form && exchange.request.query.empty()) {
    *query = http::DecodeForm(exchange.received.substr(0, body->length_bytes));
  } else if (is_form) {
    *query = http::DecodeForm(
        absl::StrCat(exchange.request.query, "&", exchange.received.substr(0, body->length_bytes)));
  }
  co_return absl::OkStatus();
}

// Refusals: 400 for what is missing or not known, 404 for a mount that is not there.
absl::StatusOr<mount::MountRef> MountForTitle(const Exchange& exchange, const http::Query& query,
                                              absl::string_view name) {
  if (query.GetOr("mode") != "updinfo") {
    return http::Refusal(400, "mode=updinfo is the only mode here");
  }
  if (query.Get("song") == nullptr && query.Get("title") == nullptr &&
      query.Get("artist") == nullptr) {
    return http::Refusal(400, "say the title: song=, or title= and artist=");
  }
  mount::MountRef mount = exchange.services.registry->Find(name);
  if (!mount || mount->phase() == mount::Phase::kEmpty || config::IsInternalMount(name)) {
    return http::Refusal(404, "Source does not exist");
  }
  return mount;
}

}  // namespace

ring::Task<> UpdateTitle(Exchange& exchange) {
  http::Query query;
  absl::Status status = co_await HearFields(exchange, &query);
  const std::string name(query.GetOr("mount"));
  if (status.ok() && name.empty()) status = http::Refusal(400, "say the mount: mount=/...");
  if (status.ok()) {
    status =
        co_await Authorize(exchange, Role::kSourceOrAdmin, exchange.config->MountSettings(name));
  }
  if (status.ok()) status = MountForTitle(exchange, query, name).status();
  if (!status.ok()) {
    co_await Refuse(exchange, std::move(status));
    co_return;
  }
  const mount::MountRef mount = exchange.services.registry->Find(name);
  absl::string_view message = "Metadata update successful";
  if (mount && audio::AllowsIcy(mount->Snap().source.content_type)) {
    SetTitle(*mount, query);
  } else {
    message = "Mountpoint will not accept URL updates";  // its titles are in the stream itself
  }
  std::string reply =
      http::Reply(exchange.To(), 200, "text/xml", IcecastResponse(message, /*is_done=*/true));
  co_await Answer(exchange, std::move(reply), 200);
}

ring::Task<> UpdateTitleOfShoutcast(Exchange& exchange) {
  const http::Query query = exchange.request.ParseQuery();
  const config::Config& config = *exchange.config;
  std::string name(query.GetOr("mount", config.server.shoutcast_mount));
  http::Credentials credentials;
  credentials.password = std::string(query.GetOr("pass"));
  absl::Status status = co_await AuthorizeSource(exchange, credentials, config.MountSettings(name));
  if (!status.ok()) {
    // A DJ's "user:password", or "/mount:password", as its source said it.
    absl::StatusOr<http::PasswordLine> line = http::ParsePasswordLine(query.GetOr("pass"));
    if (line.ok()) {
      if (!line->mount.empty()) name = line->mount;
      credentials.user = line->user;
      credentials.password = line->password;
      status = co_await AuthorizeSource(exchange, credentials, config.MountSettings(name));
    }
  }
  if (status.ok()) status = MountForTitle(exchange, query, name).status();
  if (!status.ok()) {
    co_await Refuse(exchange, std::move(status));
    co_return;
  }
  if (const mount::MountRef mount = exchange.services.registry->Find(name)) {
    SetTitle(*mount, query);
  }
  std::string reply = http::Reply(exchange.To(), 200, "text/html", "");
  co_await Answer(exchange, std::move(reply), 200);
}

}  // namespace floe::session
