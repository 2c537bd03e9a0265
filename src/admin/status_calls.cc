// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "admin/answer.h"
#include "admin/calls.h"
#include "admin/listeners.h"
#include "admin/stats.h"
#include "base/address.h"
#include "http/status.h"
#include "mount/mount.h"

namespace floe::admin {

using session::Exchange;

namespace {

Stats OnlyPublic(const Stats& stats) {
  Stats kept;
  for (const auto& [name, stat] : stats) {
    if (IsPublic(name)) kept[name] = stat;
  }
  return kept;
}

void AddSource(const Exchange& exchange, const mount::Mount& mount, bool is_public, Node* root) {
  Node& source = root->AddOneOfMany("source");
  source.SetAttribute("mount", mount.name());
  Stats stats = SourceStats(exchange.services, mount, BaseUrlOf(exchange));
  if (is_public) {
    stats["content-type"] = stats["server_type"];
    stats = OnlyPublic(stats);
  }
  PutAll(stats, &source);
}

// Of all, or of one mount.
absl::StatusOr<Node> StatsDocument(const Exchange& exchange) {
  Node root("icestats");
  PutAll(GlobalStats(exchange.services), &root);
  const absl::string_view wanted = exchange.fields.GetOr("mount");
  bool is_found = wanted.empty();
  for (const mount::MountRef& mount : LiveMounts(*exchange.services.registry)) {
    if (!wanted.empty() && mount->name() != wanted) continue;
    AddSource(exchange, *mount, /*is_public=*/false, &root);
    is_found = true;
  }
  if (!is_found) return http::Refusal(404, "Source does not exist");
  return root;
}

// What Icecast's page shows of each mount.
Node StatusDocument(const Exchange& exchange) {
  Node root("icestats");
  for (const mount::MountRef& mount : LiveMounts(*exchange.services.registry)) {
    if (mount->is_hidden()) continue;
    const Stats stats = SourceStats(exchange.services, *mount, BaseUrlOf(exchange));
    Node& source = root.AddOneOfMany("source");
    source.SetAttribute("mount", mount->name());
    for (const auto& [name, label] :
         {std::pair("server_name", "Stream Name"), std::pair("server_description", "Description"),
          std::pair("server_type", "Content Type"), std::pair("stream_start", "Stream started"),
          std::pair("bitrate", "Bitrate"), std::pair("listeners", "Listeners (current)"),
          std::pair("listener_peak", "Listeners (peak)"), std::pair("genre", "Genre"),
          std::pair("server_url", "Stream URL"), std::pair("title", "Currently playing"),
          std::pair("listenurl", "Listen at")}) {
      const auto found = stats.find(name);
      if (found != stats.end()) source.Put(label, absl::string_view(found->second.value));
    }
  }
  return root;
}

}  // namespace

ring::Task<> SendStats(Exchange& exchange) {
  absl::StatusOr<Node> document = StatsDocument(exchange);
  if (!document.ok()) {
    co_await session::Refuse(exchange, document.status());
    co_return;
  }
  const bool shows_listeners =
      exchange.fields.Get("show-listeners") != nullptr && !exchange.fields.GetOr("mount").empty();
  if (shows_listeners) {
    co_await SendWithListeners(exchange, *std::move(document));
    co_return;
  }
  std::string title = "Statistics";
  co_await AnswerWith(exchange, *std::move(document), std::move(title));
}

ring::Task<> SendPublicStats(Exchange& exchange) {
  Node root("icestats");
  PutAll(OnlyPublic(GlobalStats(exchange.services)), &root);
  const absl::string_view wanted = exchange.fields.GetOr("mount");
  for (const mount::MountRef& mount : LiveMounts(*exchange.services.registry)) {
    const bool is_wanted = wanted.empty() || mount->name() == wanted;
    if (is_wanted && !mount->is_hidden()) AddSource(exchange, *mount, /*is_public=*/true, &root);
  }
  std::string title = "Status";
  co_await AnswerWith(exchange, std::move(root), std::move(title));
}

ring::Task<> SendStatusPage(Exchange& exchange) {
  Node root = StatusDocument(exchange);
  std::string title = root.children.empty() ? "Nothing is playing" : "Status";
  co_await AnswerWith(exchange, std::move(root), std::move(title));
}

ring::Task<> SendVersion(Exchange& exchange) {
  const Stats stats = GlobalStats(exchange.services);
  Node root("icestats");
  for (const char* name : {"admin", "host", "location", "server_id", "server_start"}) {
    root.Put(name, absl::string_view(stats.at(name).value));
  }
  std::string title = "Server Information";
  co_await AnswerWith(exchange, std::move(root), std::move(title));
}

ring::Task<> SendListenSockets(Exchange& exchange) {
  Node root("icestats");
  for (const config::Listen& listen : exchange.config->listen) {
    Node& socket = root.AddOneOfMany("listensocket");
    const size_t colon = listen.address.rfind(':');
    socket.Put("type", "normal");
    socket.Put("bind", listen.address.substr(0, colon));
    socket.Put("port", colon == std::string::npos ? "" : listen.address.substr(colon + 1));
  }
  std::string title = "Listening sockets";
  co_await AnswerWith(exchange, std::move(root), std::move(title));
}

}  // namespace floe::admin
