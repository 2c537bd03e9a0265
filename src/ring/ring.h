// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/slot.h"
#include "ring/token.h"

namespace floe::ring {

struct RingOptions {
  uint32_t submission_entries = kSubmissionEntries;
  uint32_t completion_entries = kCompletionEntries;
  uint32_t direct_fds = 1024;  // size of the direct-descriptor table; at most RLIMIT_NOFILE
};

// Ring is one io_uring and its table of direct descriptors.
//
// Every Queue... fills one submission entry; nothing reaches the kernel before the next Submit,
// SubmitAndWait, or a full submission queue, which submits by itself. Memory that a queued
// operation reads or writes must stay until its completion, except iovec and msghdr, which the
// kernel copies when it takes the entry.
//
// Lifetime  of its shard. Destroying it cancels what is in flight, without completions.
// Threads   The one that created it (SINGLE_ISSUER), all methods.
// Failure   Create and SubmitAndWait answer a Status; queueing cannot fail.
class Ring {
 public:
  static absl::StatusOr<std::unique_ptr<Ring>> Create(const RingOptions& options);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // One io_uring_enter: gives the queued entries and waits for a completion, at most until
  // `timeout` from now; none: without bound; zero: does not wait.
  absl::Status SubmitAndWait(std::optional<nanoseconds> timeout);
  void Submit();

  // Calls `take(const io_uring_cqe&)` for what has completed, at most `max`; answers how many. A
  // few completions ahead of that it calls `announce` with the same, to touch what take will need.
  template <typename Announce, typename Take>
  uint32_t Reap(uint32_t max, Announce announce, Take take) {
    uint32_t taken = 0;
    io_uring_cqe* batch[kReapBatch];
    while (taken < max) {
      const uint32_t count = io_uring_peek_batch_cqe(&ring_, batch, kReapBatch);
      if (count == 0) break;
      for (uint32_t i = 0; i < std::min(count, kAnnounceAhead); ++i)
        announce(std::as_const(*batch[i]));
      for (uint32_t i = 0; i < count; ++i) {
        if (i + kAnnounceAhead < count) announce(std::as_const(*batch[i + kAnnounceAhead]));
        take(std::as_const(*batch[i]));
      }
      io_uring_cq_advance(&ring_, count);
      taken += count;
    }
    return taken;
  }

  template <typename Take>
  uint32_t Reap(uint32_t max, Take take) {
    return Reap(
        max, [](const io_uring_cqe&) {}, take);
  }

  // A socket into the first free slot of the table; res is the slot. `address` receives the peer.
  void QueueAccept(int listening_fd, sockaddr_storage* address, socklen_t* length, Token token);
  // A new TCP socket into the first free slot of the table; res is the slot.
  void QueueSocket(int family, Token token);
  // `to` stays until the completion.
  void QueueConnect(FdSlot fd, const sockaddr* to, socklen_t length, Token token);
  // Receives into a buffer the kernel picks from `buffer_group`.
  void QueueRecv(FdSlot fd, uint16_t buffer_group, Token token);
  void QueueSend(FdSlot fd, std::span<const std::byte> bytes, Token token);
  // Gathers; `message` and its iovecs may go once the entry was submitted.
  void QueueSendMessage(FdSlot fd, const msghdr* message, Token token);
  // Zero copy: completes twice, with the result and with the notice that the memory is free, which
  // also reports whether the kernel had to copy all the same (NoticeSaysCopied).
  void QueueSendZeroCopy(FdSlot fd, std::span<const std::byte> bytes, Token token);
  void QueueSendMessageZeroCopy(FdSlot fd, const msghdr* message, Token token);
  // The kernel does this on a thread of its own, which looks the slot up only there: it must have
  // completed before the slot is closed, or it falls on the slot's next owner.
  void QueueShutdown(FdSlot fd, int how, Token token);
  // Breaks a connection off: the kernel forgets what it had still to send and resets the peer, so
  // that the notices of zero-copy sends come. The socket itself stays open.
  void QueueAbort(FdSlot fd);
  // Has the kernel keep so many bytes that were sent there, or as many as net.core.wmem_max allows.
  // `bytes` is read when this is submitted.
  void QueueSetSendBuffer(FdSlot fd, const int* bytes);
  void QueueClose(FdSlot fd);
  // Cancels the operation that carries `target`; that one completes with -ECANCELED.
  void QueueCancel(Token target);
  // A file descriptor of the process for a direct one, which stays open; res is the descriptor
  // (io_uring_prep_fixed_fd_install(3), Linux 6.8).
  void QueueInstall(FdSlot fd, Token token);
  // Puts sockets of the process into the table, in consecutive slots from the first that was never
  // used; the descriptors themselves stay the caller's. Errors: no room, or what the kernel says.
  // REQUIRES: nothing was ever accepted on this ring.
  absl::StatusOr<FdSlot> AdoptSockets(std::span<const int> fds);
  // Wakes another ring with a completion of `token`.
  void QueueWake(int target_ring_fd, Token token);
  // Lends the kernel a ring of receive buffers; see BufferRing.
  absl::Status RegisterBuffers(io_uring_buf_ring* entries, uint32_t count, uint16_t group);
  void UnregisterBuffers(uint16_t group);

  int fd() const { return ring_.ring_fd; }
  uint32_t direct_fds() const { return direct_fds_; }
  uint32_t direct_fds_open() const { return direct_open_; }
  // Called by who sees an accept or a new socket complete: the kernel filled a slot.
  void CountOpened() { ++direct_open_; }
  // Completions the kernel could not place at once; they are late, not lost.
  uint32_t overflows() const { return *ring_.cq.koverflow; }

 private:
  static constexpr uint32_t kReapBatch = 256;
  static constexpr uint32_t kAnnounceAhead = 8;  // about what a miss of the cache takes
  Ring() = default;
  io_uring_sqe* Sqe();

  io_uring ring_{};
  bool live_ = false;
  uint32_t direct_fds_ = 0;
  uint32_t direct_open_ = 0;
  uint32_t adopted_ = 0;
};

}  // namespace floe::ring
