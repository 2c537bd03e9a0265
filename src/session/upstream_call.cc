// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/upstream_call.h"

#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dial/dial.h"
#include "dial/reply_head.h"
#include "http/redirect.h"
#include "http/upstream_request.h"

namespace floe::session {
namespace {

constexpr int kTooManyRequests = 429;

std::span<const std::byte> AsBytes(absl::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// One server on the way: connected, asked, and answering.
struct Hop {
  dial::Dialled line;
  std::string received;  // of the reply; when its head was parsed, what followed it
  http::UpstreamReply reply;
};

ring::Task<absl::StatusOr<Hop>> AskOne(shard::Shard& shard, shard::WorkerPool& resolvers,
                                       const http::StreamRequest& request, const void* owner) {
  const Instant by = shard.now() + kCallTimeMax;
  absl::StatusOr<dial::Dialled> line =
      co_await dial::Dial(shard, resolvers, request.url.host, request.url.port, by, owner);
  if (!line.ok()) co_return line.status();
  Hop hop{.line = *std::move(line)};
  const std::string head = request.ToString();
  absl::Status done =
      co_await ring::SendAll(shard.io(), hop.line.socket.slot(), AsBytes(head), by, owner);
  // Interim replies (1xx) are passed over.
  while (done.ok() && hop.reply.status < 200) {
    absl::StatusOr<http::UpstreamReply> reply =
        co_await dial::HearReplyHead(shard, hop.line.socket.slot(), hop.received, by, owner);
    done = reply.status();
    if (reply.ok()) hop.reply = *std::move(reply);
  }
  if (!done.ok()) {
    const std::string text = absl::StrCat(http::LogTextOf(request.url), " ", done.message());
    co_return absl::Status(done.code(), text);
  }
  co_return std::move(hop);
}

// Of a reply that brings no stream and leads nowhere else.
absl::Status RefusalOf(const HttpUrl& url, const http::UpstreamReply& reply) {
  std::string text =
      absl::StrCat(http::LogTextOf(url), " answers ", reply.status, " ", reply.reason);
  if (reply.retry_after_s.has_value()) {
    absl::StrAppend(&text, ", to be asked again in ", *reply.retry_after_s, " s");
  }
  const bool may_pass = reply.status >= 500 || reply.status == kTooManyRequests;
  return may_pass ? absl::UnavailableError(text) : absl::FailedPreconditionError(text);
}

}  // namespace

ring::Task<absl::StatusOr<UpstreamStream>> CallUpstream(shard::Shard& shard,
                                                        shard::WorkerPool& resolvers,
                                                        const UpstreamCall& call,
                                                        const void* owner) {
  http::Trail trail(call.url);
  for (;;) {
    http::StreamRequest request;
    request.url = trail.here();
    if (trail.MayHaveLogin()) request.authorization = call.authorization;
    request.hops = call.hops;
    request.position = call.position;
    absl::StatusOr<Hop> hop = co_await AskOne(shard, resolvers, request, owner);
    if (!hop.ok()) co_return hop.status();
    if (hop->reply.status == 200) {
      UpstreamStream stream{.socket = std::move(hop->line.socket),
                            .peer = hop->line.peer,
                            .url = trail.here(),
                            .reply = std::move(hop->reply),
                            .early = std::move(hop->received)};
      co_return std::move(stream);
    }
    if (!hop->reply.is_redirect()) {
      co_return RefusalOf(trail.here(), hop->reply);
    }
    if (absl::Status led = trail.Follow(hop->reply.location); !led.ok()) {
      co_return absl::FailedPreconditionError(led.message());
    }
  }
}

}  // namespace floe::session
