// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/mounts.h"

#include <array>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/body.h"
#include "api/operation.h"
#include "audio/framer.h"
#include "base/limits.h"
#include "config/internal_mounts.h"
#include "http/status.h"
#include "http/url.h"
#include "mount/bitrate.h"
#include "nlohmann/json.hpp"
#include "session/authorize.h"
#include "session/explain.h"
#include "session/figures.h"
#include "session/listener_mover.h"
#include "session/paths.h"

namespace floe::api {
namespace {

using session::Exchange;

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json SourceJson(const mount::SourceInfo& source) {
  Json json;
  json["address"] = TextOrNull(source.peer);
  json["agent"] = TextOrNull(source.user_agent);
  json["connected"] = TimeText(source.connected);
  return json;
}

Json StreamJson(const mount::SourceInfo& source) {
  Json json;
  json["name"] = source.name;
  json["description"] = source.description;
  json["url"] = source.url;
  json["genre"] = source.genre;
  return json;
}

absl::Status NoSuchMount(absl::string_view name) {
  return http::Refusal(404, absl::StrCat("there is no mount ", name));
}

// Who feeds it: an encoder, another server that it is fetched from, or a file.
const char* KindOf(const mount::Mount& mount, const session::Services& services) {
  if (mount.HasCountedSource()) return "encoder";
  return services.relay_board->StatusOf(mount.name()).has_value() ? "relay" : "file";
}

// Whether one of them is `name`, or falls back to it by way of others.
bool LeadsTo(const mount::Registry& registry, const std::vector<std::string>& from,
             const std::string& name, std::set<std::string>* met) {
  for (const std::string& each : from) {
    if (each == name) return true;
    if (!met->insert(each).second) continue;
    const mount::MountRef mount = registry.Find(each);
    if (mount && LeadsTo(registry, mount->settings().fallback, name, met)) return true;
  }
  return false;
}

// What is to be moved where.
struct Move {
  mount::MountRef from, to;
  std::optional<uint64_t> id;  // of the only one
};

absl::StatusOr<Move> FindMove(const mount::Registry& registry, const std::string& from,
                              const Json& wish) {
  const std::string to = wish["to"].get<std::string>();
  Move move;
  move.from = registry.Find(from);
  if (!move.from) return NoSuchMount(from);
  if (to == from) return http::Refusal(400, "they hear this mount already");
  if (!config::IsInternalMount(to)) move.to = registry.Find(to);
  if (!move.to) return NoSuchMount(to);
  if (move.to->phase() != mount::Phase::kLive) {
    return http::Refusal(409, "no source is connected there");
  }
  if (!session::CanMove(*move.from, *move.to)) {
    return http::Refusal(409, absl::StrCat("who hears ", from, " cannot go on with ", to));
  }
  if (wish.contains("id")) move.id = wish["id"].get<uint64_t>();
  return move;
}

}  // namespace

absl::Status CheckFallback(const mount::Registry& registry, const std::string& name,
                           const std::vector<std::string>& fallback) {
  if (fallback.size() > kFallbacksMax) {
    return http::Refusal(400, absl::StrCat("at most ", kFallbacksMax, " fallbacks"));
  }
  for (const std::string& each : fallback) {
    // Files and silence are made with the configuration: what is there may be named.
    const bool is_known = config::IsInternalMount(each) && registry.Find(each);
    if (!is_known && !http::ValidatePath(each).ok()) {
      return http::Refusal(400, "a fallback is a mount, or a file that the configuration names");
    }
  }
  std::set<std::string> met;
  if (LeadsTo(registry, fallback, name, &met)) {
    return http::Refusal(400, "this leads back to where it comes from");
  }
  return absl::OkStatus();
}

Json MountJson(const mount::Mount& mount, const mount::Registry& registry) {
  const mount::Snapshot snap = mount.Snap();
  const config::Mount settings = mount.settings();
  const bool is_known = !snap.source.content_type.empty();
  Json json;
  json["name"] = mount.name();
  json["phase"] = session::PhaseName(mount.phase());
  json["plays"] = TextOrNull(registry.PlaysOf(mount.name()));
  json["hidden"] = settings.hidden;
  json["content_type"] = TextOrNull(snap.source.content_type);
  json["codec"] = is_known ? Json(std::string(audio::CodecName(snap.parameters.codec))) : Json();
  json["bitrate_kbps"] = mount::BitrateBps(snap) / 1'000;
  json["listeners"] = mount.listeners.load();
  json["listener_peak"] = mount.listener_peak.load();
  json["listeners_max"] = settings.max_listeners;
  json["connections"] = mount.listener_connections.load();
  json["received_bytes"] = snap.received_bytes;
  json["audio_bytes"] = mount.tape().published();
  json["sent_bytes"] = mount.sent_bytes.load();
  json["dropped_bytes"] = snap.dropped_bytes;
  json["title"] = snap.title;
  json["stream"] = StreamJson(snap.source);
  json["fallback"] = settings.fallback;
  json["source"] = snap.live ? SourceJson(snap.source) : Json(nullptr);
  return json;
}

ring::Task<> SendMounts(Exchange& exchange, std::string) {
  const mount::Registry& registry = *exchange.services.registry;
  Json items = Json::array();
  for (const mount::MountRef& mount : registry.List()) {
    if (config::IsInternalMount(mount->name())) continue;
    items.push_back(MountJson(*mount, registry));
  }
  std::string text = TextOf(ListOf(std::move(items)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendMount(Exchange& exchange, std::string name) {
  const mount::Registry& registry = *exchange.services.registry;
  const mount::MountRef mount = registry.Find(name);
  if (!mount) {
    co_await session::Refuse(exchange, NoSuchMount(name));
    co_return;
  }
  Json json = MountJson(*mount, registry);
  json["explanation"] = session::ExplainLines(registry.Explain(name));
  std::string text = TextOf(json);
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SendSources(Exchange& exchange, std::string) {
  Json items = Json::array();
  for (const mount::MountRef& mount : exchange.services.registry->List()) {
    const mount::Snapshot snap = mount->Snap();
    if (!snap.live || config::IsInternalMount(mount->name())) continue;
    Json item;
    item["mount"] = mount->name();
    item["kind"] = KindOf(*mount, exchange.services);
    item.update(SourceJson(snap.source));
    item["content_type"] = snap.source.content_type;
    item["bitrate_kbps"] = mount::BitrateBps(snap) / 1'000;
    item["received_bytes"] = snap.received_bytes;
    items.push_back(std::move(item));
  }
  std::string text = TextOf(ListOf(std::move(items)));
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> SetFallback(Exchange& exchange, std::string name) {
  static constexpr std::array<BodyField, 1> kFields = {
      BodyField{.name = "fallback", .kind = BodyField::Kind::kTexts, .is_needed = true}};
  mount::Registry& registry = *exchange.services.registry;
  const absl::StatusOr<Json> body =
      ParseBody(exchange.HeaderOr("Content-Type"), exchange.body, kFields);
  const mount::MountRef mount = registry.Find(name);
  absl::Status status = body.status();
  if (status.ok() && !mount) status = NoSuchMount(name);
  std::vector<std::string> fallback;
  if (status.ok()) {
    fallback = (*body)["fallback"].get<std::vector<std::string>>();
    status = CheckFallback(registry, name, fallback);
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  config::Mount settings = mount->settings();
  settings.fallback = std::move(fallback);
  registry.Change(*mount, settings);
  co_await SendMount(exchange, std::move(name));
}

ring::Task<> SetTitle(Exchange& exchange, std::string name) {
  static constexpr std::array<BodyField, 2> kFields = {
      BodyField{.name = "title", .kind = BodyField::Kind::kText, .is_needed = true},
      BodyField{.name = "url"}};
  const absl::StatusOr<Json> body =
      ParseBody(exchange.HeaderOr("Content-Type"), exchange.body, kFields);
  const mount::MountRef mount = exchange.services.registry->Find(name);
  absl::Status status = body.status();
  if (status.ok() && !mount) status = NoSuchMount(name);
  if (status.ok() && mount->phase() == mount::Phase::kEmpty) {
    status = http::Refusal(409, "no source is connected there");
  }
  if (status.ok() && !audio::AllowsIcy(mount->Snap().source.content_type)) {
    status = http::Refusal(409, "its titles are in the stream itself");
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  mount->SetTitle((*body)["title"].get<std::string>(), body->value("url", std::string()));
  co_await SendNothing(exchange);
}

ring::Task<> MoveMountListeners(Exchange& exchange, std::string name) {
  static constexpr std::array<BodyField, 2> kFields = {
      BodyField{.name = "to", .kind = BodyField::Kind::kText, .is_needed = true},
      BodyField{.name = "id", .kind = BodyField::Kind::kNumber}};
  const absl::StatusOr<Json> wish =
      ParseBody(exchange.HeaderOr("Content-Type"), exchange.body, kFields);
  absl::Status status = wish.status();
  if (status.ok()) {
    // It may be for some only, and may have room for so many: who moves them there answers for it.
    std::string to = (*wish)["to"].get<std::string>();
    status = co_await session::Authorize(exchange, session::Need::kOperate, std::move(to));
  }
  absl::StatusOr<Move> move =
      status.ok() ? FindMove(*exchange.services.registry, name, *wish) : status;
  if (!move.ok()) {
    co_await session::Refuse(exchange, move.status());
    co_return;
  }
  const std::optional<uint64_t> id = move->id;
  absl::StatusOr<uint32_t> moved = co_await session::MoveListeners(
      exchange.services, exchange.shard, std::move(move->from), std::move(move->to), id);
  if (moved.ok() && *moved == 0 && id.has_value()) {
    moved = http::Refusal(404, absl::StrCat("there is no listener ", *id, " of ", name));
  }
  if (!moved.ok()) {
    co_await session::Refuse(exchange, moved.status());
    co_return;
  }
  Json json;
  json["moved"] = *moved;
  std::string text = TextOf(json);
  co_await Send(exchange, 200, std::move(text));
}

ring::Task<> EndSource(Exchange& exchange, std::string name) {
  const mount::MountRef mount = exchange.services.registry->Find(name);
  absl::Status status;
  if (!mount) status = NoSuchMount(name);
  if (status.ok() && mount->phase() != mount::Phase::kLive) {
    status = http::Refusal(409, "no source is connected there");
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  session::EndSources(exchange, mount.get());
  co_await SendNothing(exchange);
}

}  // namespace floe::api
