// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/long_reply.h"

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "http/reply.h"

namespace floe::session {

std::string LongReplyHead(const Exchange& exchange, absl::string_view content_type) {
  const bool is_11 = exchange.request.dialect == http::Dialect::kHttp11;
  std::string head;
  http::AppendHeadBegin(&head, is_11 ? "HTTP/1.1" : "HTTP/1.0", 200, /*keep_alive=*/false,
                        absl::Now());
  http::AppendHeader(&head, "Content-Type", content_type);
  http::AppendHeader(&head, "Cache-Control", "no-cache, no-store");
  http::AppendHeader(&head, "X-Accel-Buffering", "no");
  absl::StrAppend(&head, exchange.cors, "\r\n");
  return head;
}

void WidenSending(Exchange& exchange) {
  static constexpr int kBytes = kLongReplyBufferBytes;
  exchange.shard.ring().QueueSetSendBuffer(exchange.socket.slot(), &kBytes);
}

ring::Task<absl::Status> StandBy(Exchange& exchange, Instant until) {
  const absl::Status is_over = absl::CancelledError("stopping, or another process goes on");
  if (exchange.parking.calls_all()) co_return is_over;
  const ring::Received received =
      co_await exchange.shard.io().Recv(exchange.socket.slot(), until, &exchange);
  if (received.error == ENOBUFS) {
    const bool has_slept = co_await exchange.shard.io().Sleep(until, &exchange);
    if (!has_slept) co_return is_over;
  } else if (received.error != ETIMEDOUT) {
    co_return absl::UnavailableError("the other side is gone");
  }
  co_return exchange.parking.calls_all() ? is_over : absl::OkStatus();
}

}  // namespace floe::session
