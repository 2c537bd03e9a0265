// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// floe-floor: the least a server can do with io_uring for its listeners, as a measure of Floe.
// Whoever connects gets a fixed head and then the same bytes at a fixed interval, by one plain
// send on a direct descriptor. No audio, no mounts, no checks: what a send costs, and nothing else.
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "tools/report/command_line.h"
#include "tools/report/monotonic.h"

namespace floe::bench {
namespace {

using tools::kNsPerMs;
using tools::kNsPerSecond;

constexpr uint32_t kRegionBytes = 1 << 20;
constexpr unsigned kSubmissions = 4096;
constexpr unsigned kCompletions = 65'536;
constexpr uint32_t kReapMax = 4096;
constexpr uint32_t kReapBatch = 256;
constexpr int64_t kTickNs = 10 * kNsPerMs;
constexpr int kBacklog = 4096;

struct Options {
  uint16_t port = 8000;
  int64_t interval_ns = kNsPerSecond;
  uint32_t bytes = 16'000;
  uint32_t burst = 0;
};

enum class Op : uint8_t { kAccept, kRequest, kFirst, kSend, kClose };
uint64_t Token(Op op, uint32_t slot) { return uint64_t(op) << 32 | slot; }

std::atomic<bool> g_is_stopped{false};  // set by a signal

class Floor {
 public:
  explicit Floor(const Options& options) : options_(options), region_(kRegionBytes, 'f') {
    head_ = "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nicy-br:" +
            std::to_string(options.bytes * 8 * kNsPerMs / options.interval_ns) + "\r\n\r\n";
    head_.append(options.burst, 'f');
    wheel_.resize(size_t(std::max<int64_t>(1, options.interval_ns / kTickNs)));
  }

  // False with errno set when a step fails.
  bool Open() {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    is_sending_.resize(files.rlim_max);
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                   IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE;
    params.cq_entries = kCompletions;
    if (io_uring_queue_init_params(kSubmissions, &ring_, &params) < 0) return false;
    io_uring_register_ring_fd(&ring_);
    if (io_uring_register_files_sparse(&ring_, unsigned(files.rlim_max)) < 0) return false;

    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(listening_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // inherited
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
           listen(listening_, kBacklog) == 0;
  }

  void Run() {
    began_at_ns_ = tools::NowNs();
    QueueAccept();
    while (!g_is_stopped) {
      const int64_t wait_ns =
          std::max<int64_t>(0, began_at_ns_ + int64_t(ticks_ + 1) * kTickNs - tools::NowNs());
      __kernel_timespec timeout{0, wait_ns};
      io_uring_cqe* cqe = nullptr;
      io_uring_submit_and_wait_timeout(&ring_, &cqe, 1, &timeout, nullptr);
      Reap();
      TurnWheel();
    }
  }

 private:
  void Reap() {
    io_uring_cqe* batch[kReapBatch];
    for (uint32_t seen = 0; seen < kReapMax;) {
      const uint32_t count = io_uring_peek_batch_cqe(&ring_, batch, kReapBatch);
      if (count == 0) return;
      for (uint32_t i = 0; i < count; ++i) Dispatch(*batch[i]);
      io_uring_cq_advance(&ring_, count);
      seen += count;
    }
  }

  io_uring_sqe* Next() {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {
      io_uring_submit(&ring_);
      sqe = io_uring_get_sqe(&ring_);
    }
    return sqe;
  }

  void QueueAccept() {
    io_uring_sqe* sqe = Next();
    io_uring_prep_multishot_accept_direct(sqe, listening_, nullptr, nullptr, 0);
    io_uring_sqe_set_data64(sqe, Token(Op::kAccept, 0));
  }

  void QueueSend(Op op, uint32_t slot, const char* bytes, size_t count) {
    io_uring_sqe* sqe = Next();
    io_uring_prep_send(sqe, int(slot), bytes, count, MSG_NOSIGNAL | MSG_WAITALL);
    sqe->flags |= IOSQE_FIXED_FILE;
    io_uring_sqe_set_data64(sqe, Token(op, slot));
    is_sending_[slot] = true;
  }

  void Dispatch(const io_uring_cqe& cqe) {
    const uint32_t slot = uint32_t(cqe.user_data);
    switch (Op(cqe.user_data >> 32)) {
      case Op::kAccept: {
        if ((cqe.flags & IORING_CQE_F_MORE) == 0) QueueAccept();
        if (cqe.res < 0) return;
        io_uring_sqe* sqe = Next();
        io_uring_prep_recv(sqe, cqe.res, request_, sizeof(request_), 0);
        sqe->flags |= IOSQE_FIXED_FILE;
        io_uring_sqe_set_data64(sqe, Token(Op::kRequest, uint32_t(cqe.res)));
        return;
      }
      case Op::kRequest:
        if (cqe.res <= 0) return Close(slot);
        return QueueSend(Op::kFirst, slot, head_.data(), head_.size());
      case Op::kFirst:
        is_sending_[slot] = false;
        if (cqe.res <= 0) return Close(slot);
        // Due at once and then at every turn of the wheel.
        wheel_[ticks_ % wheel_.size()].push_back(slot);
        return QueueSend(Op::kSend, slot, region_.data(), options_.bytes);
      case Op::kSend:
        is_sending_[slot] = false;
        if (cqe.res <= 0) Close(slot);
        return;
      case Op::kClose: return;
    }
  }

  void Close(uint32_t slot) {
    for (std::vector<uint32_t>& due : wheel_) std::erase(due, slot);
    io_uring_sqe* sqe = Next();
    io_uring_prep_close_direct(sqe, slot);
    io_uring_sqe_set_data64(sqe, Token(Op::kClose, slot));
  }

  // Listeners are at different places of the region by their tick, as they are of a tape.
  void TurnWheel() {
    const uint64_t due_until = uint64_t((tools::NowNs() - began_at_ns_) / kTickNs);
    for (; ticks_ < due_until; ++ticks_) {
      const uint64_t at = ticks_ * options_.bytes / wheel_.size() % (kRegionBytes - options_.bytes);
      for (const uint32_t slot : wheel_[ticks_ % wheel_.size()]) {
        if (!is_sending_[slot]) QueueSend(Op::kSend, slot, region_.data() + at, options_.bytes);
      }
    }
  }

  const Options options_;
  const std::string region_;
  std::string head_;
  io_uring ring_{};
  int listening_ = -1;
  char request_[4096];  // of everybody: nobody reads it
  std::vector<bool> is_sending_;
  std::vector<std::vector<uint32_t>> wheel_;
  uint64_t ticks_ = 0;
  int64_t began_at_ns_ = 0;
};

}  // namespace
}  // namespace floe::bench

int main(int argc, char** argv) {
  floe::bench::Options options;
  CLI::App app("The bare io_uring floor: a fixed send per listener and interval.", "floe-floor");
  app.add_option("--port", options.port, "on 127.0.0.1")->capture_default_str();
  floe::tools::AddDuration(app, "--interval", &options.interval_ns, "between sends");
  app.add_option("--bytes", options.bytes, "of each send")
      ->capture_default_str()
      ->check(CLI::Range(1u, floe::bench::kRegionBytes / 2));
  app.add_option("--burst", options.burst, "bytes sent at once to who comes");
  int exit_status = 0;
  if (!floe::tools::ParseCommandLine(app, argc, argv, &exit_status)) return exit_status;
  std::signal(SIGINT, [](int) { floe::bench::g_is_stopped = true; });
  std::signal(SIGTERM, [](int) { floe::bench::g_is_stopped = true; });
  floe::bench::Floor floor(options);
  if (!floor.Open()) {
    std::fprintf(stderr, "floe-floor: port %d: %s\n", options.port, std::strerror(errno));
    return floe::tools::kExitUsage;
  }
  floor.Run();
  return 0;
}
