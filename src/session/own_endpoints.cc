// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/own_endpoints.h"

#include <array>
#include <string>
#include <utility>

#include "http/playlist.h"
#include "session/event_stream.h"
#include "session/exchange.h"
#include "session/explain.h"
#include "session/metrics_page.h"
#include "session/pages.h"
#include "session/paths.h"
#include "session/stream_list.h"

namespace floe::session {
namespace {

constexpr absl::string_view kJsonType = "application/json; charset=utf-8";
constexpr absl::string_view kHtmlType = "text/html; charset=utf-8";

std::string BaseUrlOf(const Exchange& exchange) {
  return http::BaseUrl(exchange.request, exchange.config->server.hostname, exchange.services.port);
}

ring::Task<> SendHomePage(Exchange& exchange) {
  std::string reply =
      http::Reply(exchange.To(), 200, kHtmlType, HomePage(exchange.services, BaseUrlOf(exchange)));
  co_await Answer(exchange, std::move(reply), 200);
}

ring::Task<> SendHealth(Exchange& exchange) {
  const Health health = HealthJson(exchange.services, exchange.shard.now());
  const int status = health.is_well ? 200 : 503;
  std::string reply = http::Reply(exchange.To(), status, kJsonType, health.json);
  co_await Answer(exchange, std::move(reply), status);
}

ring::Task<> SendStatusJson(Exchange& exchange) {
  std::string reply = http::Reply(exchange.To(), 200, kJsonType,
                                  StatusJson(exchange.services, BaseUrlOf(exchange)));
  co_await Answer(exchange, std::move(reply), 200);
}

constexpr std::array kEndpoints = {
    Endpoint{kHomePath, kGet, Need::kNothing, About::kServer, false, &SendHomePage},
    Endpoint{kHealthPath, kGet, Need::kNothing, About::kServer, false, &SendHealth},
    Endpoint{kMetricsPath, kGet, Need::kNothing, About::kServer, false, &SendMetrics},
    Endpoint{kStatusJsonPath, kGet, Need::kNothing, About::kServer, false, &SendStatusJson},
    Endpoint{kStreamListTextPath, kGet, Need::kRelay, About::kServer, false, &SendStreamList},
    Endpoint{kExplainPath, kGet, Need::kRead, About::kMount, false, &SendExplanation},
    Endpoint{kEventsPath, kGet, Need::kRead, About::kMount, false, &SendEvents},
};

}  // namespace

std::span<const Endpoint> OwnEndpoints() { return kEndpoints; }

}  // namespace floe::session
