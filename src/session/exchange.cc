// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/exchange.h"

#include <cerrno>
#include <cstring>
#include <span>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "session/paths.h"
#include "shard/access_line.h"

namespace floe::session {
namespace {

constexpr milliseconds kReplyTime{10'000};
// How long, and for how much, a peer may go on sending after it was answered.
constexpr milliseconds kLastWordsTime{1'000};
constexpr uint64_t kLastWordsBytesMax = 1 << 20;
// All receive buffers are on loan: they come back within a turn or two.
constexpr milliseconds kNoBufferPause{2};

std::span<const std::byte> AsBytes(absl::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// An absolute target without the login that may stand in front of its host.
std::string WithoutLogin(absl::string_view target) {
  const size_t colon = target.find("://");
  if (absl::StartsWith(target, "/") || colon == absl::string_view::npos) {
    return std::string(target);
  }
  const size_t authority = colon + 3;
  const size_t at = target.substr(0, target.find('/', authority)).rfind('@');
  if (at == absl::string_view::npos || at < authority) return std::string(target);
  return absl::StrCat(target.substr(0, authority), target.substr(at + 1));
}

void CountRequest(metrics::Instruments& instruments, int http_status) {
  if (http_status < 300) return instruments.requests_2xx.Add();
  if (http_status < 400) return instruments.requests_3xx.Add();
  if (http_status < 500) return instruments.requests_4xx.Add();
  instruments.requests_5xx.Add();
}

// Ends our side, then reads what the peer still says until it has heard the end.
ring::Task<> CloseWell(Exchange& exchange) {
  const int error = co_await exchange.shard.io().ShutdownSend(exchange.socket.slot());
  if (error != 0) co_return;
  const Instant by = exchange.shard.now() + kLastWordsTime;
  uint64_t heard_bytes = 0;
  while (heard_bytes < kLastWordsBytesMax) {
    const ring::Received received = co_await exchange.shard.io().Recv(exchange.socket.slot(), by);
    if (received.error != 0 || received.finished()) co_return;
    heard_bytes += received.bytes().size();
  }
}

}  // namespace

http::ReplyTo Exchange::To() const {
  http::ReplyTo to(request, absl::Now());
  to.cors = cors;
  to.errors_are_json = absl::StartsWith(request.path, kApiPrefix);
  return to;
}

std::string Exchange::RequestLine() const {
  if (request.method_text.empty()) return "";  // what came was no request
  const absl::string_view target(request.target);
  return absl::StrCat(request.method_text, " ", WithoutLogin(target.substr(0, target.find('?'))),
                      request.query.empty() ? "" : "?...", " ", http::DialectName(request.dialect));
}

void LogRequest(const Exchange& exchange, int http_status, uint64_t bytes) {
  CountRequest(*exchange.services.instruments, http_status);
  const std::string line = exchange.RequestLine();
  shard::LogAccess({.peer = exchange.peer,
                    .user = exchange.user,
                    .request = line,
                    .status = http_status,
                    .bytes = bytes,
                    .referer = exchange.HeaderOr("Referer"),
                    .agent = exchange.HeaderOr("User-Agent"),
                    .lasted = absl::FromChrono(exchange.shard.now() - exchange.begun)});
}

ring::Task<> Answer(Exchange& exchange, std::string reply, int http_status) {
  if (exchange.is_handed_over) co_return;
  exchange.is_answered = true;
  exchange.Enter(Parking::Stage::kAnswering);
  LogRequest(exchange, http_status, reply.size());
  const Instant by = exchange.shard.now() + kReplyTime;
  const absl::Status sent =
      co_await ring::SendAll(exchange.shard.io(), exchange.socket.slot(), AsBytes(reply), by);
  if (sent.ok()) co_await CloseWell(exchange);
}

ring::Task<> Refuse(Exchange& exchange, absl::Status refusal) {
  std::string reply = http::ErrorReply(exchange.To(), refusal);
  co_await Answer(exchange, std::move(reply), http::HttpStatusOf(refusal));
}

ring::Task<absl::Status> Say(Exchange& exchange, absl::string_view bytes) {
  const Instant by = exchange.shard.now() + kReplyTime;
  co_return co_await ring::SendAll(exchange.shard.io(), exchange.socket.slot(), AsBytes(bytes), by);
}

ring::Task<absl::Status> Hear(Exchange& exchange, Instant by) {
  ring::Io& io = exchange.shard.io();
  Parking& parking = exchange.parking;
  for (;;) {
    if (parking.calls_arrivals() && !io.stopping()) {
      const absl::StatusOr<Parking::Verdict> verdict = co_await parking.Park(io, &exchange);
      if (verdict.ok() && *verdict == Parking::Verdict::kHandedOver) {
        exchange.is_handed_over = true;
        co_return absl::CancelledError("another process goes on with it");
      }
    }
    const ring::Received received =
        co_await io.Recv(exchange.socket.slot(), by, parking.arrivals());
    if (received.error == ECANCELED && parking.calls_arrivals()) continue;
    if (received.error == ENOBUFS) {
      const Instant later = exchange.shard.now() + kNoBufferPause;
      if (!co_await io.Sleep(later)) co_return absl::CancelledError("stopping");
      continue;
    }
    if (received.error == ETIMEDOUT) co_return absl::DeadlineExceededError("nothing came in time");
    if (received.error != 0) co_return absl::UnavailableError(std::strerror(received.error));
    if (received.finished()) co_return absl::UnavailableError("the peer is done");
    const auto bytes = received.bytes();
    const absl::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    absl::StrAppend(&exchange.received, text);
    absl::StrAppend(&exchange.heard, text);
    co_return absl::OkStatus();
  }
}

}  // namespace floe::session
