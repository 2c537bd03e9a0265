// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe::tools {

enum class Op : uint8_t { kConnect, kSend, kReceive, kTick, kPoll, kShutdown, kClose, kCancel };

// What a completion is about.
struct Token {
  Op op;
  uint32_t listener;

  uint64_t bits() const { return uint64_t(op) << 32 | listener; }
  static Token Of(uint64_t bits) { return {Op(bits >> 32), uint32_t(bits)}; }
};

// LoadRing is an io_uring with a table of direct descriptors (a socket there counts against no
// descriptor limit but the table's own) and a pool of receive buffers.
//
// Threads   Open and everything after it on one thread.
// Failure   Open says what the kernel refused. Later failures come as completions.
class LoadRing {
 public:
  static constexpr uint32_t kBuffers = 1024;
  static constexpr uint32_t kBufferBytes = 16'384;

  LoadRing() = default;
  ~LoadRing();
  LoadRing(const LoadRing&) = delete;
  LoadRing& operator=(const LoadRing&) = delete;

  absl::Status Open(uint32_t descriptors);

  // Puts `fd` into slot `slot`; the caller may close it afterwards.
  absl::Status Install(uint32_t slot, int fd);

  // The next submission for direct descriptor `token.listener`; submits when the queue is full.
  // Prepare it with one of io_uring_prep_*, then Seal it with the same token.
  io_uring_sqe* Next();
  static void Seal(io_uring_sqe* sqe, Token token);

  // Submits and waits for a completion, at most `wait_ns`.
  void SubmitAndWait(int64_t wait_ns);

  // Calls `on_done(Token, const io_uring_cqe&)` for every completion there is, at most `most`.
  template <class OnDone>
  void Reap(uint32_t most, OnDone&& on_done) {
    io_uring_cqe* batch[kReapBatch];
    for (uint32_t seen = 0; seen < most;) {
      // Enters the kernel when there are completions that the last enter had no time for.
      const uint32_t count = io_uring_peek_batch_cqe(&ring_, batch, kReapBatch);
      if (count == 0) return;
      for (uint32_t i = 0; i < count; ++i) on_done(Token::Of(batch[i]->user_data), *batch[i]);
      io_uring_cq_advance(&ring_, count);
      seen += count;
    }
  }

  // The bytes of a receive that took a buffer; Recycle it when they are read.
  absl::string_view Received(const io_uring_cqe& cqe) const;
  void Recycle(const io_uring_cqe& cqe);

 private:
  static constexpr uint32_t kReapBatch = 256;

  io_uring ring_{};
  io_uring_buf_ring* buffer_ring_ = nullptr;
  std::unique_ptr<char[]> buffers_;
  bool is_open_ = false;
};

}  // namespace floe::tools
