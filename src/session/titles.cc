// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/titles.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/framer.h"
#include "config/internal_mounts.h"
#include "http/charset.h"
#include "http/shoutcast.h"
#include "http/status.h"
#include "http/url.h"
#include "mount/mount.h"
#include "mount/registry.h"
#include "session/authorize.h"

namespace floe::session {
namespace {

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

absl::StatusOr<std::string> UpdateTitle(const Exchange& exchange) {
  const http::Query& query = exchange.fields;
  const absl::StatusOr<mount::MountRef> mount =
      MountForTitle(exchange, query, query.GetOr("mount"));
  if (!mount.ok()) return mount.status();
  if (!audio::AllowsIcy((*mount)->Snap().source.content_type)) {
    return "Mountpoint will not accept URL updates";  // its titles are in the stream itself
  }
  SetTitle(**mount, query);
  return "Metadata update successful";
}

ring::Task<> UpdateTitleOfShoutcast(Exchange& exchange) {
  const http::Query& query = exchange.fields;
  const config::Config& config = *exchange.config;
  std::string name(query.GetOr("mount", config.server.shoutcast_mount));
  std::vector<SourceLogin> ways(1);
  ways[0].mount = name;
  ways[0].credentials.password = std::string(query.GetOr("pass"));
  // A DJ's "user:password", or "/mount:password", as its source said it.
  absl::StatusOr<http::PasswordLine> line = http::ParsePasswordLine(query.GetOr("pass"));
  if (line.ok()) {
    SourceLogin& parts = ways.emplace_back();
    parts.mount = line->mount.empty() ? name : line->mount;
    parts.credentials.user = line->user;
    parts.credentials.password = line->password;
  }
  absl::Status status = co_await AuthorizeSource(exchange, std::move(ways), &name);
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
