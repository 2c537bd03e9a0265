// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/main_loop.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"

namespace floe::server {
namespace {

// For poll(2): whole milliseconds, rounded up, so that it is not called again just before.
int TimeoutOf(Instant by, Instant now) {
  return int(std::max<int64_t>(0, std::chrono::ceil<milliseconds>(by - now).count()));
}

}  // namespace

MainLoop::~MainLoop() {
  if (signal_fd_ >= 0) close(signal_fd_);
}

absl::Status MainLoop::Open(const sigset_t& signals) {
  signal_fd_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signal_fd_ >= 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("signalfd: ", std::strerror(errno)));
}

int MainLoop::Wait(Instant by) {
  for (Instant now = Clock::now();; now = Clock::now()) {
    if (const int signal = TakeSignal(); signal != 0 || now >= by) return signal;
    polls_.assign(1, {.fd = signal_fd_, .events = POLLIN});
    control_.AppendPolls(&polls_);
    const Instant until = std::min(by, control_.NextDeadline().value_or(by));
    if (poll(polls_.data(), polls_.size(), TimeoutOf(until, now)) < 0) continue;
    control_.Serve(polls_, Clock::now());
  }
}

int MainLoop::WaitForSignal(Instant by) {
  for (Instant now = Clock::now();; now = Clock::now()) {
    if (const int signal = TakeSignal(); signal != 0 || now >= by) return signal;
    pollfd polled{.fd = signal_fd_, .events = POLLIN};
    (void)poll(&polled, 1, TimeoutOf(by, now));
  }
}

int MainLoop::TakeSignal() {
  signalfd_siginfo info{};
  return read(signal_fd_, &info, sizeof(info)) == sizeof(info) ? int(info.ssi_signo) : 0;
}

}  // namespace floe::server
