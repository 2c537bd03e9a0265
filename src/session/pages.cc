// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/pages.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/local_zone.h"
#include "http/escape.h"
#include "http/reply.h"
#include "http/source_headers.h"
#include "mount/mount.h"
#include "nlohmann/json.hpp"
#include "session/figures.h"
#include "shard/silence.h"

namespace floe::session {
namespace {

using Json = nlohmann::ordered_json;

constexpr seconds kShardSilenceMax{5};
constexpr absl::string_view kUnnamed = "Unspecified name";
constexpr absl::string_view kUndescribed = "Unspecified description";
constexpr absl::string_view kNoGenre = "various";

std::string Text(absl::string_view text) { return std::string(text); }
std::string TextOr(const std::string& text, absl::string_view otherwise) {
  return text.empty() ? Text(otherwise) : text;
}

std::string IcecastTime(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S %z", time, LocalZone());
}
std::string Iso8601(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%z", time, LocalZone());
}

// A value of audio_info: a number where it is one, as XSLT's output has it.
Json NumberOrText(const std::string& value) {
  int64_t number = 0;
  if (absl::SimpleAtoi(value, &number)) return number;
  return value;
}

Json SourceJson(const mount::Mount& mount, const mount::Snapshot& snap,
                absl::string_view base_url) {
  Json source;
  const mount::SourceInfo& info = snap.source;
  if (!info.audio_info.empty()) source["audio_info"] = info.audio_info;
  if (info.bitrate_kbps != 0) source["bitrate"] = info.bitrate_kbps;
  for (const http::AudioInfoField& field : http::ParseAudioInfo(info.audio_info)) {
    source[field.key] = NumberOrText(field.value);
  }
  source["genre"] = TextOr(info.genre, kNoGenre);
  source["listener_peak"] = mount.listener_peak.load(std::memory_order_relaxed);
  source["listeners"] = mount.listeners.load(std::memory_order_relaxed);
  source["listenurl"] = absl::StrCat(base_url, http::UrlEncodePath(mount.name()));
  source["server_description"] = TextOr(info.description, kUndescribed);
  source["server_name"] = TextOr(info.name, kUnnamed);
  source["server_type"] = info.content_type;
  if (!info.url.empty()) source["server_url"] = info.url;
  source["stream_start"] = IcecastTime(info.connected);
  source["stream_start_iso8601"] = Iso8601(info.connected);
  if (!snap.title.empty()) source["title"] = snap.title;
  source["dummy"] = nullptr;  // Icecast's transformation ends every list with it
  return source;
}

// The mounts that a visitor sees, with what is known of each.
struct Shown {
  mount::MountRef mount;
  mount::Snapshot snap;
};
std::vector<Shown> ShownMounts(const Services& services) {
  std::vector<Shown> shown;
  for (mount::MountRef& mount : services.registry->List()) {
    if (mount->is_hidden()) continue;
    mount::Snapshot snap = mount->Snap();
    if (!snap.live) continue;
    shown.push_back({std::move(mount), std::move(snap)});
  }
  return shown;
}

constexpr absl::string_view kHomeHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Floe</title>
<style>
 body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem;
        color: #223; background: #f7f9fa; }
 h1 { font-weight: 600; } h1 small { color: #789; font-weight: 400; font-size: 1rem; }
 article { background: #fff; border: 1px solid #dde5ea; border-radius: 8px; padding: 1rem 1.25rem;
           margin: 1rem 0; }
 h2 { margin: 0; font-size: 1.15rem; } p { margin: .3rem 0; color: #567; } audio { width: 100%; }
 a { color: #06c; }
</style></head><body>
)";

void AppendMount(std::string* page, const Shown& shown) {
  const mount::SourceInfo& info = shown.snap.source;
  const std::string path = http::EscapeXml(http::UrlEncodePath(shown.mount->name()));
  absl::StrAppend(page, "<article><h2>", http::EscapeXml(TextOr(info.name, shown.mount->name())),
                  "</h2>\n");
  if (!shown.snap.title.empty()) {
    absl::StrAppend(page, "<p>", http::EscapeXml(shown.snap.title), "</p>\n");
  }
  if (!info.description.empty()) {
    absl::StrAppend(page, "<p>", http::EscapeXml(info.description), "</p>\n");
  }
  absl::StrAppend(page, "<audio controls preload=\"none\" src=\"", path, "\"></audio>\n<p>",
                  audio::CodecName(shown.snap.parameters.codec));
  const uint32_t kbps = shown.snap.framer.bitrate_bps() / 1000;
  if (kbps != 0) absl::StrAppend(page, ", ", kbps, " kbit/s");
  absl::StrAppend(page, " · ", shown.mount->listeners.load(std::memory_order_relaxed),
                  " listening · <a href=\"", path, "\">", path, "</a> · <a href=\"", path,
                  ".m3u\">m3u</a> · <a href=\"", path, ".pls\">pls</a> · <a href=\"", path,
                  ".xspf\">xspf</a></p></article>\n");
}

}  // namespace

std::string StatusJson(const Services& services, absl::string_view base_url) {
  const config::ConfigRef config = services.config.Get();
  const config::Server& server = config->server;
  Json stats;
  stats["admin"] = server.admin_contact;
  stats["host"] = server.hostname;
  stats["location"] = server.location;
  stats["server_id"] = Text(http::ServerName());
  stats["server_start"] = IcecastTime(services.started);
  stats["server_start_iso8601"] = Iso8601(services.started);
  Json sources = Json::array();
  for (const Shown& shown : ShownMounts(services)) {
    sources.push_back(SourceJson(*shown.mount, shown.snap, base_url));
  }
  if (sources.empty()) {
    stats["dummy"] = nullptr;
  } else if (sources.size() == 1) {
    stats["source"] = sources[0];
  } else {
    stats["source"] = std::move(sources);
  }
  Json whole;
  whole["icestats"] = std::move(stats);
  // Names and titles are UTF-8 by now; a replacement here is the second line of defence.
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool IsWell(const Services& services, Instant now) {
  return shard::HaveAllTurned(services.shards, now, kShardSilenceMax);
}

Health HealthJson(const Services& services, Instant now) {
  const bool is_well = IsWell(services, now);
  Json shards = Json::array();
  for (const shard::Shard* shard : services.shards) {
    shards.push_back(ShardJson(*shard));
  }
  Json health;
  health["status"] = is_well ? "ok" : "stuck";
  health["version"] = FLOE_VERSION;
  health["uptime_seconds"] = absl::ToInt64Seconds(absl::Now() - services.started);
  health["mounts"] = services.registry->mounts();
  health["sources"] = services.registry->sources();
  health["listeners"] = services.Listeners();
  health["memory"] = MemoryJson(services.registry->arena());
  health["shards"] = std::move(shards);
  health["relays"] = Json::array();
  for (const RelayStatus& relay : services.relay_board->List()) {
    health["relays"].push_back(RelayJson(relay, Audience::kEverybody, now));
  }
  health["master"] = MasterJson(*services.master_board, Audience::kEverybody, now);
  health["pushes"] = Json::array();
  for (const PushStatus& push : services.push_board->List()) {
    health["pushes"].push_back(PushJson(push, Audience::kEverybody, now));
  }
  return {.is_well = is_well, .json = health.dump() + "\n"};
}

std::string HomePage(const Services& services, absl::string_view base_url) {
  std::string page(kHomeHead);
  absl::StrAppend(&page, "<h1>Floe <small>",
                  http::EscapeXml(services.config.Get()->server.hostname), "</small></h1>\n");
  const std::vector<Shown> mounts = ShownMounts(services);
  for (const Shown& shown : mounts) AppendMount(&page, shown);
  if (mounts.empty()) {
    absl::StrAppend(&page, "<p>Nothing is playing. A source may feed <code>",
                    http::EscapeXml(base_url), "/live</code>.</p>\n");
  }
  absl::StrAppend(&page, "<p><small>", http::ServerName(), " · <a href=\"/status-json.xsl\">status",
                  "</a> · <a href=\"/health\">health</a></small></p>\n</body></html>\n");
  return page;
}

}  // namespace floe::session
