// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/load_ring.h"

#include <sys/mman.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/report/monotonic.h"

namespace floe::tools {
namespace {

constexpr unsigned kSubmissions = 4096;
constexpr unsigned kCompletions = 65'536;
constexpr size_t kBufferRingBytes = LoadRing::kBuffers * sizeof(io_uring_buf);

absl::Status Refused(int error, absl::string_view what) {
  return absl::ErrnoToStatus(-error, absl::StrCat("io_uring: ", what));
}

}  // namespace

LoadRing::~LoadRing() {
  if (is_open_) io_uring_queue_exit(&ring_);
  if (buffer_ring_ != nullptr) munmap(buffer_ring_, kBufferRingBytes);
}

absl::Status LoadRing::Open(uint32_t descriptors) {
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE;
  params.cq_entries = kCompletions;
  if (int error = io_uring_queue_init_params(kSubmissions, &ring_, &params); error < 0) {
    return Refused(error, "setup (Linux 6.1 or newer is needed)");
  }
  is_open_ = true;
  io_uring_register_ring_fd(&ring_);  // saves a lookup per enter; works without
  if (int error = io_uring_register_files_sparse(&ring_, descriptors); error < 0) {
    return Refused(error, absl::StrCat("a table of ", descriptors, " descriptors"));
  }
  void* mapped =
      mmap(nullptr, kBufferRingBytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (mapped == MAP_FAILED) return absl::ErrnoToStatus(errno, "mmap of a buffer ring");
  buffer_ring_ = static_cast<io_uring_buf_ring*>(mapped);
  io_uring_buf_reg registration{};
  registration.ring_addr = uint64_t(reinterpret_cast<uintptr_t>(mapped));
  registration.ring_entries = kBuffers;
  if (int error = io_uring_register_buf_ring(&ring_, &registration, 0); error < 0) {
    return Refused(error, "receive buffers");
  }
  io_uring_buf_ring_init(buffer_ring_);
  buffers_ = std::make_unique<char[]>(size_t{kBuffers} * kBufferBytes);
  for (uint32_t i = 0; i < kBuffers; ++i) {
    io_uring_buf_ring_add(buffer_ring_, buffers_.get() + size_t{i} * kBufferBytes, kBufferBytes,
                          uint16_t(i), io_uring_buf_ring_mask(kBuffers), int(i));
  }
  io_uring_buf_ring_advance(buffer_ring_, kBuffers);
  return absl::OkStatus();
}

absl::Status LoadRing::Install(uint32_t slot, int fd) {
  const int done = io_uring_register_files_update(&ring_, slot, &fd, 1);
  return done == 1 ? absl::OkStatus() : Refused(done, "descriptor into the table");
}

io_uring_sqe* LoadRing::Next() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  while (sqe == nullptr) {
    io_uring_submit(&ring_);
    sqe = io_uring_get_sqe(&ring_);
  }
  return sqe;
}

void LoadRing::Seal(io_uring_sqe* sqe, Token token) { io_uring_sqe_set_data64(sqe, token.bits()); }

void LoadRing::SubmitAndWait(int64_t wait_ns) {
  if (wait_ns <= 0) {
    io_uring_submit_and_get_events(&ring_);
    return;
  }
  __kernel_timespec timeout{wait_ns / kNsPerSecond, wait_ns % kNsPerSecond};
  io_uring_cqe* first = nullptr;
  io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
}

absl::string_view LoadRing::Received(const io_uring_cqe& cqe) const {
  const size_t buffer = cqe.flags >> IORING_CQE_BUFFER_SHIFT;
  return {buffers_.get() + buffer * kBufferBytes, size_t(std::max(cqe.res, 0))};
}

void LoadRing::Recycle(const io_uring_cqe& cqe) {
  if ((cqe.flags & IORING_CQE_F_BUFFER) == 0) return;
  const uint32_t buffer = cqe.flags >> IORING_CQE_BUFFER_SHIFT;
  io_uring_buf_ring_add(buffer_ring_, buffers_.get() + size_t{buffer} * kBufferBytes, kBufferBytes,
                        uint16_t(buffer), io_uring_buf_ring_mask(kBuffers), 0);
  io_uring_buf_ring_advance(buffer_ring_, 1);
}

}  // namespace floe::tools
