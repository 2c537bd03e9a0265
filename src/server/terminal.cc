// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace floe::server {
namespace {

constexpr char kEnter[] = "\x1b[?1049h\x1b[?25l";  // another screen, and no cursor on it
constexpr char kLeave[] = "\x1b[?25h\x1b[?1049l";

}  // namespace

bool HasColours() {
  const char* refused = getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (refused == nullptr || *refused == '\0');
}

void WriteOut(absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    text.remove_prefix(size_t(written));
  }
}

Terminal::Terminal() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  signal_fd_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios raw = before_;
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO);
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // a shell would be left on this screen
    is_changed_ = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  WriteOut(kEnter);
}

Terminal::~Terminal() {
  WriteOut(kLeave);
  if (is_changed_) (void)tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  if (signal_fd_ >= 0) close(signal_fd_);
}

Terminal::Size Terminal::size() const {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {.width = size.ws_col, .height = size.ws_row};
}

Terminal::Event Terminal::Wait(Instant by) {
  for (Instant now = Clock::now();; now = Clock::now()) {
    // A stdin that is no terminal has nothing to say, and may be at its end.
    pollfd polls[] = {{.fd = signal_fd_, .events = POLLIN},
                      {.fd = is_changed_ ? STDIN_FILENO : -1, .events = POLLIN}};
    const auto left = std::chrono::ceil<milliseconds>(by - now).count();
    const int ready = poll(polls, std::size(polls), int(std::max<int64_t>(0, left)));
    if (ready == 0 && Clock::now() >= by) return Event::kTimeIsOver;
    signalfd_siginfo info{};
    if (read(signal_fd_, &info, sizeof(info)) == sizeof(info)) {
      return info.ssi_signo == SIGWINCH ? Event::kResized : Event::kQuit;
    }
    if (polls[1].revents != 0 && ReadKeys() == Event::kQuit) return Event::kQuit;
  }
}

Terminal::Event Terminal::ReadKeys() {
  char keys[64];
  const ssize_t count = read(STDIN_FILENO, keys, sizeof(keys));
  const bool is_gone = count <= 0 && errno != EINTR;
  const bool quits = std::any_of(keys, keys + std::max<ssize_t>(0, count),
                                 [](char key) { return key == 'q' || key == 'Q'; });
  return is_gone || quits ? Event::kQuit : Event::kTimeIsOver;
}

}  // namespace floe::server
