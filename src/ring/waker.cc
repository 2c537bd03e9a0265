// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/waker.h"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace floe::ring {
namespace {

constexpr unsigned kEntries = 2;  // one message at a time

}  // namespace

absl::StatusOr<std::unique_ptr<Waker>> Waker::Create() {
  auto waker = std::unique_ptr<Waker>(new Waker);  // the constructor is private
  if (const int error = io_uring_queue_init(kEntries, &waker->ring_, 0); error < 0) {
    return absl::UnavailableError(absl::StrCat("io_uring_setup: ", std::strerror(-error)));
  }
  waker->live_ = true;
  return waker;
}

Waker::~Waker() {
  if (live_) io_uring_queue_exit(&ring_);
}

bool Waker::Wake(int target_ring_fd, Token token) {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  if (sqe == nullptr) return false;
  io_uring_prep_msg_ring(sqe, target_ring_fd, 0, token.bits(), 0);
  if (io_uring_submit_and_wait(&ring_, 1) < 0) return false;
  io_uring_cqe* cqe = nullptr;
  if (io_uring_peek_cqe(&ring_, &cqe) < 0) return false;
  const bool delivered = cqe->res >= 0;
  io_uring_cqe_seen(&ring_, cqe);
  return delivered;
}

}  // namespace floe::ring
