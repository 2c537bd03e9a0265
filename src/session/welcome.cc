// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/welcome.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "config/internal_mounts.h"
#include "hooks/hooks.h"
#include "http/cors.h"
#include "http/forwarded.h"
#include "http/head_scan.h"
#include "http/playlist.h"
#include "http/proxy_protocol.h"
#include "http/status.h"
#include "session/authorize.h"
#include "session/endpoint.h"
#include "session/exchange.h"
#include "session/farewell.h"
#include "session/file_loop.h"
#include "session/listen.h"
#include "session/listener_hook.h"
#include "session/origin.h"
#include "session/paths.h"
#include "session/source_feed.h"

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

// Whether a listener may have what is on this mount: a source is there, or is waited for, or
// another mount is heard meanwhile.
bool IsPlaying(const mount::MountRef& mount, Instant now) {
  if (!mount) return false;
  const bool is_there = mount->phase() != mount::Phase::kEmpty && !mount->LingerIsOver(now);
  return is_there || bool(mount->signpost().Where(*mount, mount->heard().media).plays);
}

// Lets in who may listen. Another server may decide about that, or have another mount heard.
ring::Task<> LetIn(Exchange& exchange, mount::MountRef mount) {
  ListenerPass pass(exchange.services);
  const absl::Status may = co_await AskToListen(exchange, mount->name(), pass);
  if (!may.ok()) co_return;
  if (!pass.mount.empty()) mount = exchange.services.registry->Find(pass.mount);
  if (IsPlaying(mount, exchange.shard.now())) {  // still: the answer may have taken a while
    co_await Listen(exchange, std::move(mount), pass);
  } else {
    co_await Refuse(exchange, http::Refusal(404, "nothing plays here"));
  }
}

ring::Task<> GetStream(Exchange& exchange) {
  const std::string& path = exchange.request.path;
  const absl::Status may =
      exchange.services.gate->CheckListener(path, exchange.peer, exchange.HeaderOr("User-Agent"));
  if (!may.ok()) {
    co_await Refuse(exchange, may);
    co_return;
  }
  if (config::IsInternalMount(path)) {
    co_await Refuse(exchange, http::Refusal(404, "nothing plays here"));
    co_return;
  }
  if (absl::Status allowed = co_await AuthorizeListener(exchange, path); !allowed.ok()) {
    co_await Refuse(exchange, std::move(allowed));
    co_return;
  }
  // Before anything is fetched for it: a circle of servers on demand would wait for itself.
  if (absl::Status passes = CheckTakers(exchange); !passes.ok()) {
    co_await Refuse(exchange, std::move(passes));
    co_return;
  }
  if (exchange.request.method == Method::kGet) co_await AwaitRelay(exchange, path);
  if (exchange.is_handed_over) co_return;
  mount::MountRef mount = exchange.services.registry->Find(path);
  if (IsPlaying(mount, exchange.shard.now())) {
    co_await LetIn(exchange, std::move(mount));
  } else if (http::SplitPlaylistPath(path).has_value()) {
    co_await SendPlaylist(exchange);
  } else if (exchange.services.relay_board->StatusOf(path).has_value()) {
    co_await Refuse(exchange, http::Refusal(503, "this stream is not to be had at the moment"));
  } else if (mount) {  // it may come back any moment
    co_await Refuse(exchange, http::Refusal(404, "nothing plays here"));
  } else {
    co_await Refuse(exchange, RefuseMissing(exchange));
  }
}

ring::Task<> Preflight(Exchange& exchange) {
  std::string reply = http::OptionsReply(exchange.To());
  co_await Answer(exchange, std::move(reply), 204);
}

ring::Task<> Route(Exchange& exchange) {
  const std::string& path = exchange.request.path;
  const config::Mount& settings = exchange.config->MountSettings(path);
  // What operators ask is for no page of another site, whatever mounts allow.
  const bool is_operators =
      absl::StartsWith(path, kApiPrefix) || absl::StartsWith(path, kAdminPrefix);
  if (!is_operators) {
    exchange.cors = http::CorsHeaders(exchange.HeaderOr("Origin"), settings.cors_origins);
  }
  const Method method = exchange.request.method;
  const Endpoint* endpoint =
      exchange.services.endpoints->Find(method == Method::kStats ? kStatsMethodPath : path);
  if (method != Method::kPut && method != Method::kSource) {
    exchange.services.instruments->clients.Add();
  }
  switch (method) {
    case Method::kOptions: co_await Preflight(exchange); co_return;
    case Method::kPut:
      if (endpoint != nullptr && endpoint->Takes(Method::kPut)) break;
      co_await FeedFromRequest(exchange);
      co_return;
    case Method::kSource: co_await FeedFromRequest(exchange); co_return;
    case Method::kDelete:
      if (endpoint != nullptr) break;
      co_await EndSourceByRequest(exchange);
      co_return;
    case Method::kGet:
    case Method::kHead:
      if (endpoint != nullptr) break;
      co_await GetStream(exchange);
      co_return;
    case Method::kPost:
    case Method::kStats:
    case Method::kOther: break;
  }
  if (endpoint == nullptr) {
    co_await Refuse(exchange, http::Refusal(405, "this method is not known here"));
    co_return;
  }
  co_await AnswerAt(*endpoint, exchange);
}

// Whether the request's address asked too often. Streams are asked for once in a long time, and
// sources come when they may: neither is counted.
absl::Status CheckRate(Exchange& exchange) {
  const config::Limits& limits = exchange.config->limits;
  const access::RateRules rules = {.rate = limits.request_rate, .burst = limits.request_burst};
  const bool is_too_often =
      exchange.services.gate->rates().Take(exchange.peer, rules, exchange.shard.now()).has_value();
  if (!is_too_often) return absl::OkStatus();
  exchange.services.instruments->rate_limited.Add();
  return http::RefusalFor(429, "too many requests come from your address", /*retry_after_s=*/1);
}

// Whether the request is for what the server itself answers.
bool IsForServer(const Exchange& exchange) {
  switch (exchange.request.method) {
    case Method::kSource:
    case Method::kPut: return exchange.services.endpoints->Find(exchange.request.path) != nullptr;
    case Method::kGet:
    case Method::kHead: {
      const std::string& path = exchange.request.path;
      if (exchange.services.endpoints->Find(path) != nullptr) return true;
      return !exchange.services.registry->Find(path) &&
             !exchange.services.relay_board->StatusOf(path).has_value();
    }
    default: return true;
  }
}

// Finds out who asks, when trusted proxies are in between, and whether it may.
absl::Status CheckWhoAsks(Exchange& exchange) {
  const access::Gate& gate = *exchange.services.gate;
  const auto is_trusted = [&](const Address& address) { return gate.IsTrusted(address); };
  const bool is_proxied = exchange.peer != exchange.via;  // by a PROXY header: it is known
  if (!is_proxied && gate.IsTrusted(exchange.via)) {
    exchange.peer =
        http::ForwardedFor(exchange.via, http::ForwardedHops(exchange.request), is_trusted);
  }
  if (absl::Status may = gate.Check(exchange.peer, exchange.HeaderOr("User-Agent")); !may.ok()) {
    return may;
  }
  return IsForServer(exchange) ? CheckRate(exchange) : absl::OkStatus();
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
  if (absl::Status may = CheckWhoAsks(exchange); !may.ok()) {
    co_await Refuse(exchange, std::move(may));
    co_return;
  }
  co_await Route(exchange);
}

// Hears the PROXY header and takes it off. Errors: it is none, or did not come; there is nobody to
// whom that could be said.
ring::Task<absl::Status> HearProxy(Exchange& exchange) {
  http::ProxyHeader header;
  if (!exchange.received.empty()) header = http::ReadProxyHeader(exchange.received);
  while (header.kind == http::ProxyHeader::Kind::kNeedMore) {
    absl::Status heard = co_await Hear(exchange, exchange.by);
    if (!heard.ok()) co_return heard;
    header = http::ReadProxyHeader(exchange.received);
  }
  if (header.kind == http::ProxyHeader::Kind::kBroken) {
    log::Debug(absl::StrCat("what ", exchange.via.HostAndPort(), " says is no PROXY header"));
    co_return absl::InvalidArgumentError("no PROXY header");
  }
  if (header.kind == http::ProxyHeader::Kind::kClient) exchange.peer = header.client;
  exchange.received.erase(0, header.size_bytes);
  exchange.heard.erase(0, header.size_bytes);
  exchange.expects_proxy = false;
  co_return absl::OkStatus();
}

// Before anything is heard: whether it is worth listening to who is there.
bool MayBegin(const Exchange& exchange) {
  const access::Gate& gate = *exchange.services.gate;
  if (exchange.expects_proxy && !gate.IsTrusted(exchange.via)) {
    log::Debug(absl::StrCat(exchange.via.HostAndPort(), " is no trusted proxy"));
    return false;
  }
  return gate.IsTrusted(exchange.via) || !gate.IsBanned(exchange.via);
}

// From the first byte to the end of what is asked.
ring::Task<> Converse(Exchange& exchange) {
  if (!MayBegin(exchange)) co_return;
  if (exchange.expects_proxy) {
    const absl::Status heard = co_await HearProxy(exchange);
    if (!heard.ok()) co_return;
  }
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
      if (!exchange.services.gate->Check(exchange.peer, "").ok()) co_return;
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
  if (shard.index() == 0) {
    master_.Begin(shard);
    services_.hooks->courier().Begin(shard);
  }
}

ring::Task<> Front::Welcome(shard::Shard& shard, ring::DirectFd socket, Address peer) {
  services_.instruments->connections.Add();
  Exchange exchange(services_, shard, std::move(socket), peer, shard.now());
  co_await Converse(exchange);
}

ring::Task<> Front::WelcomeBy(shard::Shard& shard, ring::DirectFd socket, Address peer,
                              int listening_fd) {
  services_.instruments->connections.Add();
  Exchange exchange(services_, shard, std::move(socket), peer, shard.now());
  exchange.expects_proxy = services_.gate->IsProxied(listening_fd);
  co_await Converse(exchange);
}

void Front::Departed(shard::Shard& shard, const listener::Departure& departure) {
  Farewell(services_, shard, departure);
}

ring::Task<> Front::WelcomeAgain(shard::Shard& shard, ring::DirectFd socket, HeadState state) {
  Exchange exchange(services_, shard, std::move(socket), state.peer, state.begun);
  exchange.received = state.heard;
  exchange.heard = std::move(state.heard);
  exchange.is_told = state.is_told;
  exchange.expects_proxy = state.expects_proxy;
  co_await Converse(exchange);
}

ring::Task<> Front::FeedAgain(shard::Shard& shard, ring::DirectFd socket, SourceState state,
                              std::unique_ptr<mount::Writer> writer, std::unique_ptr<Feed> feed) {
  Exchange exchange(services_, shard, std::move(socket), state.peer, state.begun);
  co_await GoOnFeeding(exchange, state, *writer, *feed);
}

}  // namespace floe::session
