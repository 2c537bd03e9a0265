// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/long_reply.h"

#include <cerrno>

namespace floe::session {

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
