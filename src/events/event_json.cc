// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "events/event_json.h"

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace floe::events {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(absl::string_view text) { return std::string(text); }

void SayUp(const Event& event, Json* json) {
  (*json)["origin"] = Text(NameOf(event.origin));
  (*json)["peer"] = event.peer;
  (*json)["agent"] = event.agent;
  (*json)["content_type"] = event.content_type;
  (*json)["listeners"] = event.listeners;
}

void SayDown(const Event& event, Json* json) {
  (*json)["origin"] = Text(NameOf(event.origin));
  (*json)["reason"] = event.reason;
  (*json)["seconds"] = absl::ToDoubleSeconds(event.lasted);
  (*json)["bytes"] = event.bytes;
  (*json)["listeners"] = event.listeners;
}

void SayWhatItSays(const Event& event, Json* json) {
  switch (event.kind) {
    case Kind::kSourceUp:
    case Kind::kRelayUp: return SayUp(event, json);
    case Kind::kSourceDown:
    case Kind::kRelayDown: return SayDown(event, json);
    case Kind::kTitle:
      (*json)["title"] = event.title;
      (*json)["url"] = event.url;
      (*json)["listeners"] = event.listeners;
      return;
    case Kind::kFallback:
      (*json)["plays"] = event.plays.empty() ? Json() : Json(event.plays);
      (*json)["listeners"] = event.listeners;
      return;
    case Kind::kListeners:
    case Kind::kListenerPeak:
      (*json)["listeners"] = event.listeners;
      (*json)["peak"] = event.peak;
      return;
    case Kind::kUpstream:
      (*json)["upstream"] = event.subject;
      (*json)["state"] = event.state;
      (*json)["reason"] = event.reason;
      return;
    case Kind::kBan:
    case Kind::kUnban: (*json)["addresses"] = event.subject; [[fallthrough]];
    case Kind::kStart:
    case Kind::kReload: (*json)["reason"] = event.reason; return;
  }
}

}  // namespace

std::string JsonOf(const Event& event, uint64_t run) {
  Json json;
  json["id"] = ToText({.run = run, .number = event.number});
  json["time"] = absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", event.time, absl::UTCTimeZone());
  json["type"] = Text(NameOf(event.kind));
  if (!event.mount.empty()) json["mount"] = event.mount;
  SayWhatItSays(event, &json);
  return json.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace floe::events
