// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/ring.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "ring/uring_abi.h"

namespace floe::ring {
namespace {

constexpr int kSubmitTriesMax = 1000;

const Token kQuietToken = Token::Of(OpKind::kQuiet, 0, 0);

__kernel_timespec ToTimespec(nanoseconds time) {
  const auto whole = std::chrono::duration_cast<seconds>(time);
  return {.tv_sec = whole.count(), .tv_nsec = (time - whole).count()};
}

// After the prep functions, which clear what an entry held before.
void Tag(io_uring_sqe* sqe, Token token) { sqe->user_data = token.bits(); }
void TagQuiet(io_uring_sqe* sqe) {
  sqe->user_data = kQuietToken.bits();
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
}
void OnDirect(io_uring_sqe* sqe) { sqe->flags |= IOSQE_FIXED_FILE; }

}  // namespace

absl::StatusOr<std::unique_ptr<Ring>> Ring::Create(const RingOptions& options) {
  auto ring = std::unique_ptr<Ring>(new Ring);  // the constructor is private
  io_uring_params params{};
  // COOP_TASKRUN is implied by DEFER_TASKRUN: completions run when we enter, never in between.
  // An enter runs only so many of them (20 since Linux 6.14); TASKRUN_FLAG says that there are
  // more, and Reap asks for those as well. Without it a busy shard answers few newcomers a turn.
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE;
  params.cq_entries = options.completion_entries;
  if (const int error =
          io_uring_queue_init_params(options.submission_entries, &ring->ring_, &params);
      error < 0) {
    return absl::UnavailableError(
        absl::StrCat("io_uring_setup: ", std::strerror(-error),
                     "; Floe needs Linux 6.8 with kernel.io_uring_disabled=0"));
  }
  ring->live_ = true;
  if (const int error = io_uring_register_ring_fd(&ring->ring_); error < 0) {
    return absl::UnavailableError(absl::StrCat("io_uring ring fd: ", std::strerror(-error)));
  }
  if (const int error = io_uring_register_files_sparse(&ring->ring_, options.direct_fds);
      error < 0) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a table of ", options.direct_fds, " direct descriptors: ", std::strerror(-error)));
  }
  ring->direct_fds_ = options.direct_fds;
  return ring;
}

Ring::~Ring() {
  if (live_) io_uring_queue_exit(&ring_);
}

io_uring_sqe* Ring::Sqe() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  // A full queue is submitted. The kernel may be short of memory for a moment; not for so long.
  for (int tries = 0; sqe == nullptr && tries < kSubmitTriesMax; ++tries) {
    Submit();
    sqe = io_uring_get_sqe(&ring_);
  }
  FLOE_CHECK(sqe != nullptr);
  return sqe;
}

void Ring::Submit() {
  const int taken = io_uring_submit(&ring_);
  // EBUSY: completions must be reaped first; they are, before the next submit.
  FLOE_CHECK(taken >= 0 || taken == -EBUSY || taken == -EAGAIN || taken == -EINTR);
}

absl::Status Ring::SubmitAndWait(std::optional<nanoseconds> timeout) {
  int result;
  if (timeout.has_value() && *timeout <= nanoseconds(0)) {
    result = io_uring_submit_and_get_events(&ring_);
  } else if (timeout.has_value()) {
    __kernel_timespec bound = ToTimespec(*timeout);
    io_uring_cqe* first = nullptr;
    result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, &bound, nullptr);
  } else {
    result = io_uring_submit_and_wait(&ring_, 1);
  }
  if (result >= 0 || result == -ETIME || result == -EINTR || result == -EBUSY ||
      result == -EAGAIN) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("io_uring_enter: ", std::strerror(-result)));
}

void Ring::QueueAccept(int listening_fd, sockaddr_storage* address, socklen_t* length,
                       Token token) {
  io_uring_sqe* sqe = Sqe();
  // No SOCK_NONBLOCK: on such a file io_uring answers EAGAIN instead of waiting for room.
  io_uring_prep_accept(sqe, listening_fd, reinterpret_cast<sockaddr*>(address), length, 0);
  // Set by hand: liburing 2.3's accept_direct adds one, and "any free slot" becomes "no slot".
  sqe->file_index = IORING_FILE_INDEX_ALLOC;
  Tag(sqe, token);
}

void Ring::QueueSocket(int family, Token token) {
  io_uring_sqe* sqe = Sqe();
  // No SOCK_NONBLOCK, and the slot set by hand: see QueueAccept.
  io_uring_prep_socket(sqe, family, SOCK_STREAM, 0, 0);
  sqe->file_index = IORING_FILE_INDEX_ALLOC;
  Tag(sqe, token);
}

void Ring::QueueConnect(FdSlot fd, const sockaddr* to, socklen_t length, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_connect(sqe, int(Index(fd)), to, length);
  Tag(sqe, token);
  OnDirect(sqe);
}

void Ring::QueueRecv(FdSlot fd, uint16_t buffer_group, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_recv(sqe, int(Index(fd)), nullptr, 0, 0);
  Tag(sqe, token);
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->buf_group = buffer_group;
  OnDirect(sqe);
}

void Ring::QueueSend(FdSlot fd, std::span<const std::byte> bytes, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_send(sqe, int(Index(fd)), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  Tag(sqe, token);
  OnDirect(sqe);
}

void Ring::QueueSendMessage(FdSlot fd, const msghdr* message, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_sendmsg(sqe, int(Index(fd)), message, MSG_NOSIGNAL);
  Tag(sqe, token);
  OnDirect(sqe);
}

void Ring::QueueSendZeroCopy(FdSlot fd, std::span<const std::byte> bytes, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_send_zc(sqe, int(Index(fd)), bytes.data(), bytes.size(), MSG_NOSIGNAL,
                        kSendZcReportUsage);
  Tag(sqe, token);
  OnDirect(sqe);
}

void Ring::QueueSendMessageZeroCopy(FdSlot fd, const msghdr* message, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_sendmsg_zc(sqe, int(Index(fd)), message, MSG_NOSIGNAL);
  sqe->ioprio |= kSendZcReportUsage;
  Tag(sqe, token);
  OnDirect(sqe);
}

void Ring::QueueShutdown(FdSlot fd, int how, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_shutdown(sqe, int(Index(fd)), how);
  Tag(sqe, token);
  OnDirect(sqe);
}

void Ring::QueueAbort(FdSlot fd) {
  static constexpr sockaddr kNobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_connect(sqe, int(Index(fd)), &kNobody, sizeof(kNobody));
  TagQuiet(sqe);
  OnDirect(sqe);
}

void Ring::QueueSetSendBuffer(FdSlot fd, const int* bytes) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_rw(IORING_OP_URING_CMD, sqe, int(Index(fd)), nullptr, 0, 0);
  // liburing 2.3 has no names for what lies there: level and optname, optlen, optval.
  sqe->cmd_op = kSetSocketOption;
  sqe->addr = uint64_t(SOL_SOCKET) | uint64_t(SO_SNDBUF) << 32;
  sqe->splice_fd_in = sizeof(*bytes);
  sqe->addr3 = reinterpret_cast<uintptr_t>(bytes);
  TagQuiet(sqe);
  OnDirect(sqe);
}

void Ring::QueueClose(FdSlot fd) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_close_direct(sqe, Index(fd));
  TagQuiet(sqe);
  FLOE_CHECK(direct_open_ > 0);
  --direct_open_;
}

void Ring::QueueCancel(Token target) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_cancel64(sqe, target.bits(), 0);
  TagQuiet(sqe);
}

void Ring::QueueInstall(FdSlot fd, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_rw(kOpFixedFdInstall, sqe, int(Index(fd)), nullptr, 0, 0);
  Tag(sqe, token);
  OnDirect(sqe);
}

absl::StatusOr<FdSlot> Ring::AdoptSockets(std::span<const int> fds) {
  if (direct_fds_ - adopted_ < fds.size()) {
    return absl::ResourceExhaustedError(absl::StrCat("a table of ", direct_fds_,
                                                     " direct descriptors has no room for ",
                                                     fds.size(), " more sockets"));
  }
  const int taken =
      io_uring_register_files_update(&ring_, adopted_, fds.data(), uint32_t(fds.size()));
  if (taken != int(fds.size())) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "taking ", fds.size(), " sockets over: ", std::strerror(taken < 0 ? -taken : EMFILE)));
  }
  const auto first = FdSlot(adopted_);
  adopted_ += uint32_t(fds.size());
  direct_open_ += uint32_t(fds.size());
  return first;
}

void Ring::QueueWake(int target_ring_fd, Token token) {
  io_uring_sqe* sqe = Sqe();
  io_uring_prep_msg_ring(sqe, target_ring_fd, 0, token.bits(), 0);
  TagQuiet(sqe);
}

absl::Status Ring::RegisterBuffers(io_uring_buf_ring* entries, uint32_t count, uint16_t group) {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uint64_t>(entries);
  registration.ring_entries = count;
  registration.bgid = group;
  if (const int error = io_uring_register_buf_ring(&ring_, &registration, 0); error < 0) {
    return absl::UnavailableError(
        absl::StrCat("io_uring receive buffers: ", std::strerror(-error)));
  }
  return absl::OkStatus();
}

void Ring::UnregisterBuffers(uint16_t group) { io_uring_unregister_buf_ring(&ring_, group); }

}  // namespace floe::ring
