// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/welcome.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "config/internal_mounts.h"
#include "http/cors.h"
#include "http/head_scan.h"
#include "http/playlist.h"
#include "http/status.h"
#include "session/admin.h"
#include "session/exchange.h"
#include "session/explain.h"
#include "session/file_loop.h"
#include "session/listen.h"
#include "session/origin.h"
#include "session/pages.h"
#include "session/paths.h"
#include "session/source_feed.h"
#include "session/stream_list.h"
#include "session/titles.h"

namespace floe::session {
namespace {

using http::HeadScan;
using http::Method;

// A TLS alert record: fatal, handshake_failure (RFC 8446, 6). All a TLS peer can understand here.
constexpr absl::string_view kTlsAlert("\x15\x03\x01\x00\x02\x02\x28", 7);

// Hears until the scan has its verdict. Errors: what Hear answers.
ring::Task<absl::Status> HearHead(Exchange& exchange, HeadScan* scan) {
  if (!exchange.received.empty()) *scan = http::ScanHead(exchange.received, *scan);
  while (scan->kind == HeadScan::Kind::kNeedMore) {
    absl::Status heard = co_await Hear(exchange, exchange.by);
    if (!heard.ok()) co_return heard;
    *scan = http::ScanHead(exchange.received, *scan);
  }
  co_return absl::OkStatus();
}

std::string BaseUrlOf(const Exchange& exchange) {
  return http::BaseUrl(exchange.request, exchange.config->server.hostname, exchange.services.port);
}

bool IsPage(absl::string_view path) {
  return path == kHomePath || path == kHealthPath || path == kStatusJsonPath;
}

ring::Task<> SendPage(Exchange& exchange) {
  const std::string& path = exchange.request.path;
  int status = 200;
  std::string body;
  absl::string_view type = "application/json; charset=utf-8";
  if (path == kHealthPath) {
    Health health = HealthJson(exchange.services, exchange.shard.now());
    status = health.is_well ? 200 : 503;
    body = std::move(health.json);
  } else if (path == kStatusJsonPath) {
    body = StatusJson(exchange.services, BaseUrlOf(exchange));
  } else {
    type = "text/html; charset=utf-8";
    body = HomePage(exchange.services, BaseUrlOf(exchange));
  }
  std::string reply = http::Reply(exchange.To(), status, type, body);
  co_await Answer(exchange, std::move(reply), status);
}

// Whether a listener may have what is on this mount: a source is there, or is waited for, or
// another mount is heard meanwhile.
bool IsPlaying(const mount::MountRef& mount, Instant now) {
  if (!mount) return false;
  const bool is_there = mount->phase() != mount::Phase::kEmpty && !mount->LingerIsOver(now);
  return is_there || bool(mount->signpost().Where(*mount, mount->heard().media).plays);
}

ring::Task<> GetStream(Exchange& exchange) {
  const std::string& path = exchange.request.path;
  // Before anything is fetched for it: a circle of servers on demand would wait for itself.
  if (absl::Status passes = CheckTakers(exchange); !passes.ok()) {
    co_await Refuse(exchange, std::move(passes));
    co_return;
  }
  if (exchange.request.method == Method::kGet) co_await AwaitRelay(exchange, path);
  if (exchange.is_handed_over) co_return;
  mount::MountRef mount = exchange.services.registry->Find(path);
  if (IsPlaying(mount, exchange.shard.now())) {
    co_await Listen(exchange, std::move(mount));
  } else if (http::SplitPlaylistPath(path).has_value()) {
    co_await SendPlaylist(exchange);
  } else if (exchange.services.relay_board->StatusOf(path).has_value()) {
    co_await Refuse(exchange, http::Refusal(503, "this stream is not to be had at the moment"));
  } else {
    co_await Refuse(exchange, http::Refusal(404, "nothing plays here"));
  }
}

ring::Task<> Get(Exchange& exchange) {
  const std::string& path = exchange.request.path;
  if (IsPage(path)) {
    co_await SendPage(exchange);
  } else if (path == kMetadataPath) {
    co_await UpdateTitle(exchange);
  } else if (path == kReloadPath) {
    co_await ReloadConfig(exchange);
  } else if (path == kStreamListPath || path == kStreamListTextPath) {
    co_await SendStreamList(exchange);
  } else if (path == kExplainPath) {
    co_await SendExplanation(exchange);
  } else if (path == kAdminCgiPath) {
    co_await UpdateTitleOfShoutcast(exchange);
  } else if (config::IsInternalMount(path)) {
    co_await Refuse(exchange, http::Refusal(404, "nothing plays here"));
  } else {
    co_await GetStream(exchange);
  }
}

ring::Task<> Preflight(Exchange& exchange) {
  std::string reply = http::OptionsReply(exchange.To());
  co_await Answer(exchange, std::move(reply), 204);
}

ring::Task<> Route(Exchange& exchange) {
  const config::Mount& settings = exchange.config->MountSettings(exchange.request.path);
  exchange.cors = http::CorsHeaders(exchange.HeaderOr("Origin"), settings.cors_origins);
  switch (exchange.request.method) {
    case Method::kGet:
    case Method::kHead: co_await Get(exchange); co_return;
    case Method::kPut:
    case Method::kSource: co_await FeedFromRequest(exchange); co_return;
    case Method::kDelete: co_await EndSourceByRequest(exchange); co_return;
    case Method::kOptions: co_await Preflight(exchange); co_return;
    case Method::kPost:
      if (exchange.request.path == kReloadPath) {
        co_await ReloadConfig(exchange);
        co_return;
      }
      if (exchange.request.path != kMetadataPath) break;
      co_await UpdateTitle(exchange);
      co_return;
    case Method::kStats:
    case Method::kOther: break;
  }
  co_await Refuse(exchange, http::Refusal(405, "this method is not known here"));
}

ring::Task<> AnswerHead(Exchange& exchange, uint32_t head_bytes) {
  absl::StatusOr<http::Request> request =
      http::ParseHead(absl::string_view(exchange.received).substr(0, head_bytes));
  exchange.head = exchange.received.substr(0, head_bytes);
  exchange.received.erase(0, head_bytes);
  if (!request.ok()) {
    co_await Refuse(exchange, request.status());
    co_return;
  }
  exchange.request = std::move(*request);
  co_await Route(exchange);
}

// From the first byte to the end of what is asked.
ring::Task<> Converse(Exchange& exchange) {
  HeadScan scan;
  const absl::Status heard = co_await HearHead(exchange, &scan);
  if (absl::IsDeadlineExceeded(heard)) {
    co_await Refuse(exchange, http::Refusal(408, "the request took too long"));
    co_return;
  }
  if (!heard.ok()) co_return;  // left without a whole question
  exchange.services.config.Renew(
      &exchange.config);  // heads take a while; what is asked is asked now
  switch (scan.kind) {
    case HeadScan::Kind::kHead: co_await AnswerHead(exchange, scan.size_bytes); co_return;
    case HeadScan::Kind::kPasswordLine:
      co_await FeedFromShoutcast(exchange, scan.size_bytes);
      co_return;
    case HeadScan::Kind::kTls: co_await Answer(exchange, std::string(kTlsAlert), 400); co_return;
    case HeadScan::Kind::kTooLong:
      co_await Refuse(exchange, http::Refusal(431, "the request head is too long"));
      co_return;
    case HeadScan::Kind::kGarbage:
    case HeadScan::Kind::kNeedMore:
      co_await Refuse(exchange, http::Refusal(400, "this is no request"));
      co_return;
  }
}

}  // namespace

void Front::Begin(shard::Shard& shard) {
  LoopsOf(shard.index()).Begin(shard, services_);
  RelaysOf(shard.index()).Begin(shard, services_);
  PushesOf(shard.index()).Begin(shard, services_);
  if (shard.index() == 0) master_.Begin(shard);
}

ring::Task<> Front::Welcome(shard::Shard& shard, ring::DirectFd socket, Address peer) {
  Exchange exchange(services_, shard, std::move(socket), peer, shard.now());
  co_await Converse(exchange);
}

ring::Task<> Front::WelcomeAgain(shard::Shard& shard, ring::DirectFd socket, HeadState state) {
  Exchange exchange(services_, shard, std::move(socket), state.peer, state.begun);
  exchange.received = state.heard;
  exchange.heard = std::move(state.heard);
  exchange.is_told = state.is_told;
  co_await Converse(exchange);
}

ring::Task<> Front::FeedAgain(shard::Shard& shard, ring::DirectFd socket, SourceState state,
                              std::unique_ptr<mount::Writer> writer, std::unique_ptr<Feed> feed) {
  Exchange exchange(services_, shard, std::move(socket), state.peer, state.begun);
  co_await GoOnFeeding(exchange, state, *writer, *feed);
}

}  // namespace floe::session
