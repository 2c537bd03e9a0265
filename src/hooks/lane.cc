// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/http_url.h"
#include "base/sha256.h"
#include "http/upstream_request.h"

namespace floe::hooks {
namespace {

constexpr absl::string_view kHook = "hook ";
constexpr absl::string_view kWebhook = "webhook ";

// A mount that tells this URL something; null: none does.
const config::Mount* TellerOf(const config::Config& config, absl::string_view url) {
  const auto tells = [url](const config::Mount& mount) {
    return mount.hook_listener_remove == url || mount.hook_mount_add == url ||
           mount.hook_mount_remove == url;
  };
  if (tells(config.mount_defaults)) return &config.mount_defaults;
  for (const auto& [name, mount] : config.mounts) {
    if (tells(mount)) return &mount;
  }
  return nullptr;
}

}  // namespace

std::string LaneOfHook(absl::string_view url) { return absl::StrCat(kHook, url); }
std::string LaneOfWebhook(absl::string_view name) { return absl::StrCat(kWebhook, name); }

bool TellsAnybody(const config::Config& config) {
  const auto tells = [](const config::Mount& mount) {
    return !mount.hook_listener_remove.empty() || !mount.hook_mount_add.empty() ||
           !mount.hook_mount_remove.empty();
  };
  return !config.webhooks.empty() || tells(config.mount_defaults) ||
         std::any_of(config.mounts.begin(), config.mounts.end(),
                     [&tells](const auto& named) { return tells(named.second); });
}

std::optional<Destination> DestinationOf(const config::Config& config, absl::string_view lane) {
  Destination destination;
  absl::string_view url;
  if (absl::StartsWith(lane, kHook)) {
    url = lane.substr(kHook.size());
    const config::Mount* const teller = url.empty() ? nullptr : TellerOf(config, url);
    if (teller == nullptr) return std::nullopt;
    destination.timeout = teller->hook_timeout;
    if (!teller->hook_password.empty()) {
      destination.authorization =
          http::BasicAuthorization(teller->hook_user, teller->hook_password);
    }
  } else if (absl::StartsWith(lane, kWebhook)) {
    const auto webhook = config.webhooks.find(std::string(lane.substr(kWebhook.size())));
    if (webhook == config.webhooks.end() || webhook->second.url.empty()) return std::nullopt;
    url = webhook->second.url;
    destination.secret = webhook->second.secret;
    destination.is_webhook = true;
    destination.timeout = kWebhookTimeout;
  }
  absl::StatusOr<HttpUrl> parsed = HttpUrl::Parse(url);
  if (!parsed.ok()) return std::nullopt;
  destination.url = *std::move(parsed);
  return destination;
}

dial::HttpCall CallFor(const Destination& destination, const store::JournalEntry& entry,
                       int64_t now_s) {
  dial::HttpCall call;
  call.url = destination.url;
  call.authorization = destination.authorization;
  call.body = entry.body;
  // The same each time that it is told: who hears it twice can know.
  call.headers.push_back({"X-Floe-Delivery", absl::StrCat(entry.appended_s, "-", entry.id)});
  if (!destination.is_webhook) {
    call.content_type = "application/x-www-form-urlencoded";
    if (call.authorization.empty()) call.authorization = entry.extra;
    return call;
  }
  call.content_type = "application/json";
  call.headers.push_back({"X-Floe-Event", entry.extra});
  call.headers.push_back({"X-Floe-Timestamp", absl::StrCat(now_s)});
  if (!destination.secret.empty()) {
    const std::string what = absl::StrCat(now_s, ".", entry.body);
    call.headers.push_back(
        {"X-Floe-Signature", absl::StrCat("sha256=", Hex(HmacSha256(destination.secret, what)))});
  }
  return call;
}

metrics::Latency& LatencyOf(const Destination& destination, const store::JournalEntry& entry,
                            metrics::Instruments* instruments) {
  if (destination.is_webhook) return instruments->webhook;
  // Hooks of one URL share a lane; the form says which of them it is for.
  const bool is_of_mount = absl::StartsWith(entry.body, "action=mount_");
  return is_of_mount ? instruments->hook_mount : instruments->hook_listener_remove;
}

Told ToldBy(int http_status) {
  if (http_status >= 200 && http_status <= 299) return Told::kTold;
  switch (http_status) {
    case 401:
    case 403:
    case 404:
    case 407:
    case 408:
    case 425:
    case 429: return Told::kAgain;
    default: break;
  }
  return http_status >= 400 && http_status <= 499 ? Told::kRefused : Told::kAgain;
}

}  // namespace floe::hooks
