// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/io.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace floe::ring {

void Io::Begin(AwaitOp* op, Instant by) {
  op->next = under_way_;
  op->previous = nullptr;
  if (under_way_ != nullptr) under_way_->previous = op;
  under_way_ = op;
  if (by != Instant()) deadlines_.Arm(op, by);
}

void Io::End(AwaitOp* op) {
  deadlines_.Disarm(op);
  if (op->previous != nullptr) {
    op->previous->next = op->next;
  } else {
    FLOE_CHECK(under_way_ == op);
    under_way_ = op->next;
  }
  if (op->next != nullptr) op->next->previous = op->previous;
}

void Io::OnCompletion(AwaitOp* op, int32_t result, uint32_t flags) {
  op->result = result;
  op->flags = flags;
  op->in_kernel = false;
  End(op);
  op->waiter.resume();
}

void Io::Complete(AwaitOp* op) {
  End(op);
  op->waiter.resume();
}

void Io::Expire(Instant now) {
  while (AwaitOp* op = deadlines_.PopExpired(now)) {
    op->expired = true;
    if (op->in_kernel) {
      ring_.QueueCancel(Token::Of(op));  // its completion resumes the coroutine
    } else {
      End(op);
      op->waiter.resume();
    }
  }
}

void Io::Interrupt(const void* owner) {
  // Two passes: resuming a sleeper changes the list.
  for (AwaitOp* op = under_way_; op != nullptr; op = op->next) {
    if (op->interrupted || (owner != nullptr && op->owner != owner)) continue;
    op->interrupted = true;
    if (op->in_kernel) {
      ring_.QueueCancel(Token::Of(op));
    } else if (op->heap_position != AwaitOp::kNotArmed) {
      deadlines_.Disarm(op);  // a sleeper: its time is now
      deadlines_.Arm(op, Instant::min());
    }
  }
}

void Io::Wake(const void* owner) {
  for (AwaitOp* op = under_way_; op != nullptr; op = op->next) {
    if (op->owner != owner || op->in_kernel || op->heap_position == AwaitOp::kNotArmed) continue;
    deadlines_.Disarm(op);
    deadlines_.Arm(op, Instant::min());
  }
}

void Io::InterruptAll() {
  stopping_ = true;
  Interrupt(nullptr);
}

int Io::Await::ErrorOf(const AwaitOp& op) const {
  if (op.result >= 0) return 0;
  if (op.result == -ECANCELED && op.expired && !op.interrupted) return ETIMEDOUT;
  return -op.result;
}

bool Io::RecvAwait::await_suspend(std::coroutine_handle<> waiter) {
  if (io_.stopping_) {
    op_.result = -ECANCELED;
    return false;
  }
  op_.waiter = waiter;
  op_.in_kernel = true;
  io_.ring_.QueueRecv(fd_, BufferRing::kGroup, Token::Of(&op_));
  io_.Begin(&op_, by_);
  return true;
}

Received Io::RecvAwait::await_resume() {
  Received received;
  received.error = ErrorOf(op_);
  received.is_interrupted = op_.interrupted;
  if ((op_.flags & IORING_CQE_F_BUFFER) != 0) {
    received.buffer = io_.buffers_.Take(op_.flags, op_.result > 0 ? uint32_t(op_.result) : 0);
  }
  return received;
}

bool Io::SendAwait::await_suspend(std::coroutine_handle<> waiter) {
  if (io_.stopping_) {
    op_.result = -ECANCELED;
    return false;
  }
  op_.waiter = waiter;
  op_.in_kernel = true;
  io_.ring_.QueueSend(fd_, bytes_, Token::Of(&op_));
  io_.Begin(&op_, by_);
  return true;
}

Sent Io::SendAwait::await_resume() {
  const int error = ErrorOf(op_);
  return {.bytes = error == 0 ? uint32_t(op_.result) : 0,
          .error = error,
          .is_interrupted = op_.interrupted};
}

bool Io::SocketAwait::await_suspend(std::coroutine_handle<> waiter) {
  if (io_.stopping_) {
    op_.result = -ECANCELED;
    return false;
  }
  op_.waiter = waiter;
  op_.in_kernel = true;
  io_.ring_.QueueSocket(family_, Token::Of(&op_));
  io_.Begin(&op_, by_);
  return true;
}

Opened Io::SocketAwait::await_resume() {
  const int error = ErrorOf(op_);
  if (error != 0) return {.error = error, .is_interrupted = op_.interrupted};
  io_.ring_.CountOpened();
  return {.fd = FdSlot(uint32_t(op_.result)), .is_interrupted = op_.interrupted};
}

bool Io::ConnectAwait::await_suspend(std::coroutine_handle<> waiter) {
  if (io_.stopping_) {
    op_.result = -ECANCELED;
    return false;
  }
  op_.waiter = waiter;
  op_.in_kernel = true;
  const socklen_t length = to_.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  io_.ring_.QueueConnect(fd_, reinterpret_cast<const sockaddr*>(&to_), length, Token::Of(&op_));
  io_.Begin(&op_, by_);
  return true;
}

bool Io::ShutdownAwait::await_suspend(std::coroutine_handle<> waiter) {
  if (io_.stopping_) {
    op_.result = -ECANCELED;
    return false;
  }
  op_.waiter = waiter;
  op_.in_kernel = true;
  io_.ring_.QueueShutdown(fd_, SHUT_WR, Token::Of(&op_));
  io_.Begin(&op_, by_);
  return true;
}

bool Io::SleepAwait::await_suspend(std::coroutine_handle<> waiter) {
  if (io_.stopping_) {
    op_.interrupted = true;
    return false;
  }
  op_.waiter = waiter;
  io_.Begin(&op_, by_);
  return true;
}

void Io::WorkAwait::await_suspend(std::coroutine_handle<> waiter) {
  op_.waiter = waiter;
  io_.Begin(&op_, Instant());
  start_(&op_, argument_);
}

Task<absl::Status> SendAll(Io& io, FdSlot fd, std::span<const std::byte> bytes, Instant by,
                           const void* owner) {
  while (!bytes.empty()) {
    const Sent sent = co_await io.Send(fd, bytes, by, owner);
    if (sent.is_interrupted) co_return absl::CancelledError("interrupted");
    if (sent.error != 0) {
      co_return absl::UnavailableError(absl::StrCat("send: ", std::strerror(sent.error)));
    }
    bytes = bytes.subspan(sent.bytes);
  }
  co_return absl::OkStatus();
}

}  // namespace floe::ring
