// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/log.h"

namespace floe::server {
namespace {

constexpr size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr int64_t kWatchdogUsecMax = int64_t{24} * 3600 * 1'000'000;

absl::string_view Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? absl::string_view() : absl::string_view(value);
}

UniqueFd OpenSocket(const std::string& path) {
  if (path.empty()) return UniqueFd();
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = Notify::kSendTimeMax.count(), .tv_usec = 0};
  if (fd) setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  return fd;
}

}  // namespace

NotifyTarget TargetOf(const NotifyVariables& variables, pid_t own_pid, bool takes_over) {
  NotifyTarget target;
  const absl::string_view socket = variables.socket;
  const bool is_known = socket.size() > 1 && (socket[0] == '/' || socket[0] == '@');
  if (!is_known || socket.size() > kPathBytesMax) return target;
  target.socket = std::string(socket);
  int64_t usec = 0;
  if (!absl::SimpleAtoi(variables.watchdog_usec, &usec) || usec <= 0) return target;
  pid_t pid = 0;
  const bool is_ours = variables.watchdog_pid.empty() || takes_over ||
                       (absl::SimpleAtoi(variables.watchdog_pid, &pid) && pid == own_pid);
  if (is_ours) target.watchdog = microseconds(std::min(usec, kWatchdogUsecMax));
  return target;
}

std::string StatusLine(absl::string_view status) {
  return absl::StrReplaceAll(status, {{"\n", "; "}});
}

Notify::Notify(const NotifyTarget& target)
    : path_(target.socket), watchdog_(target.watchdog), socket_(OpenSocket(target.socket)) {}

Notify Notify::FromEnvironment(bool takes_over) {
  const NotifyVariables variables{.socket = Variable("NOTIFY_SOCKET"),
                                  .watchdog_usec = Variable("WATCHDOG_USEC"),
                                  .watchdog_pid = Variable("WATCHDOG_PID")};
  return Notify(TargetOf(variables, getpid(), takes_over));
}

void Notify::Ready(absl::string_view status) {
  status_ = StatusLine(status);
  Send(absl::StrCat("READY=1\nSTATUS=", status_));
}

void Notify::TookOver(absl::string_view status) {
  status_ = StatusLine(status);
  Send(absl::StrCat("MAINPID=", getpid(), "\nREADY=1\nSTATUS=", status_));
}

void Notify::Reloading(Instant now) {
  // By this time systemd tells the answer to its own signal from one to somebody else's.
  const int64_t usec = std::chrono::floor<microseconds>(now.time_since_epoch()).count();
  Send(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", usec));
}

void Notify::Stopping() { Send("STOPPING=1\nSTATUS=stopping"); }

void Notify::Draining(milliseconds drain) {
  Send(absl::StrCat("STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=",
                    microseconds(drain + kStopTime).count()));
}

void Notify::Status(Instant now, absl::string_view status) {
  if (!socket_ || now < next_status_) return;
  std::string line = StatusLine(status);
  if (line == status_) return;
  status_ = std::move(line);
  next_status_ = now + kStatusInterval;
  Send(absl::StrCat("STATUS=", status_));
}

void Notify::Feed(Instant now, bool is_well) {
  if (watchdog_.count() == 0 || now < next_feed_ || !is_well) return;
  // Of the turns that come every half of it, one that is a little early is not left out.
  next_feed_ = now + watchdog_ / 4;
  Send("WATCHDOG=1");
}

milliseconds Notify::FeedInterval(milliseconds otherwise) const {
  if (watchdog_.count() == 0) return otherwise;
  return std::clamp(std::chrono::floor<milliseconds>(watchdog_ / 2), milliseconds(1), otherwise);
}

void Notify::Send(absl::string_view message) {
  if (!socket_) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path_.begin(), path_.end(), address.sun_path);
  if (path_[0] == '@') address.sun_path[0] = '\0';
  const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + path_.size());
  const ssize_t sent = sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), length);
  if (sent >= 0 || has_failed_.exchange(true)) return;
  log::Warn(
      absl::StrCat("the service manager cannot be told: ", path_, ": ", std::strerror(errno)));
}

}  // namespace floe::server
