// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "sim/simulated_ring.h"

#include <algorithm>
#include <cerrno>
#include <numeric>

#include "base/check.h"

namespace floe::sim {

Instant SimulatedRing::Later(Instant now, milliseconds delay_max) {
  return now + milliseconds(dice_.Between(0, uint64_t(delay_max.count())));
}

void SimulatedRing::Submit(const listener::SendOrder& order, std::span<const iovec> pieces,
                           Player& player, Instant now) {
  // The promises of an order.
  FLOE_CHECK(order.bytes > 0 && order.bytes <= kSendBytesMax);
  FLOE_CHECK(!pieces.empty() && pieces.size() <= kSendPiecesMax);
  FLOE_CHECK(order.bytes == std::accumulate(pieces.begin(), pieces.end(), size_t{0},
                                            [](size_t sum, const iovec& piece) {
                                              FLOE_CHECK(piece.iov_len > 0);
                                              return sum + piece.iov_len;
                                            }));
  for (const Send& send : sends_) FLOE_CHECK(send.order.listener != order.listener);

  sends_.push_back({.order = order,
                    .pieces = {pieces.begin(), pieces.end()},
                    .player = &player,
                    .stage = Stage::kPending,
                    .is_zero_copy = dice_.Chance(faults_.zero_copy),
                    .is_cancelled = false,
                    .taken_bytes = 0,
                    .error = 0,
                    .report_at = now});
  TryTake(sends_.back(), now);
}

void SimulatedRing::Cancel(const listener::CancelOrder& cancel, Instant now) {
  for (Send& send : sends_) {
    if (send.order.listener != cancel.listener || send.order.generation != cancel.generation) {
      continue;
    }
    send.is_cancelled = true;
    if (cancel.awaits_notice_only) {
      FLOE_CHECK(send.stage == Stage::kAwaitsNotice);
      send.report_at = now;  // the socket is aborted
    }
    return;
  }
}

void SimulatedRing::TryTake(Send& send, Instant now) {
  const auto end = [&](uint32_t bytes, int error) {
    send.taken_bytes = bytes;
    send.error = error;
    send.stage = Stage::kTaken;
    send.report_at = Later(now, faults_.result_delay_max);
    // A send that failed has nothing to keep.
    if (error != 0) send.is_zero_copy = false;
    send.player->Fill(bytes);
  };
  if (send.player->is_reset()) return end(0, ECONNRESET);
  if (send.is_cancelled) return end(0, ECANCELED);
  if (dice_.Chance(faults_.no_buffers)) return end(0, dice_.Chance(0.5) ? ENOBUFS : ENOMEM);
  const uint32_t room = send.player->Room();
  if (room == 0) return;
  const uint32_t fits = std::min(room, send.order.bytes);
  end(dice_.Chance(faults_.short_send) ? uint32_t(dice_.Between(1, fits)) : fits, 0);
}

void SimulatedRing::CopyOut(const Send& send) {
  uint32_t left = send.taken_bytes;
  for (const iovec& piece : send.pieces) {
    const size_t bytes = std::min<size_t>(left, piece.iov_len);
    send.player->Arrive({static_cast<const std::byte*>(piece.iov_base), bytes});
    left -= uint32_t(bytes);
  }
}

void SimulatedRing::Report(Send& send, Instant now, listener::FanOut& fan_out) {
  const listener::SendOrder& order = send.order;
  if (send.stage == Stage::kAwaitsNotice) {
    CopyOut(send);
    send.stage = Stage::kDone;
    return fan_out.OnNotice(order.listener, order.generation, now);
  }
  if (!send.is_zero_copy) CopyOut(send);
  send.stage = send.is_zero_copy ? Stage::kAwaitsNotice : Stage::kDone;
  send.report_at = Later(now, faults_.notice_delay_max);
  fan_out.OnSent(
      order.listener, order.generation,
      {.sent_bytes = send.taken_bytes, .error = send.error, .releases_memory = !send.is_zero_copy},
      now);
}

void SimulatedRing::Advance(Instant now, listener::FanOut& fan_out) {
  for (Send& send : sends_) {
    if (send.stage == Stage::kPending) TryTake(send, now);
    if (send.stage != Stage::kPending && send.report_at <= now) Report(send, now, fan_out);
  }
  std::erase_if(sends_, [](const Send& send) { return send.stage == Stage::kDone; });
}

}  // namespace floe::sim
