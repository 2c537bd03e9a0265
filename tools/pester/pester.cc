// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/pester/pester.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/report/monotonic.h"

namespace floe::tools {
namespace {

constexpr size_t kLastKept = 256;
constexpr size_t kBadKept = 16;
constexpr size_t kHeardKeptBytes = 16;
// A stream has no end: who has heard so much of it has its answer.
constexpr uint64_t kHeardBytesMax = 64 * 1024;
constexpr int64_t kPatienceNs = 2'000'000'000;
constexpr int kWaitMs = 100;
constexpr int kFailuresMax = 20;  // connects that fail one after the other: nobody is there
constexpr int kFailurePauseUs = 50'000;

// Of "HTTP/1.1 404 ..."; 200 of what SHOUTcast says when it agrees; 0 of anything else.
int StatusOf(absl::string_view reply) {
  if (absl::StartsWith(reply, "OK2") || absl::StartsWith(reply, "ICY 200")) return 200;
  const size_t blank = reply.find(' ');
  int status = 0;
  if (!absl::StartsWith(reply, "HTTP/1.") || blank == absl::string_view::npos ||
      !absl::SimpleAtoi(reply.substr(blank + 1, 3), &status)) {
    return 0;
  }
  return status;
}

// A 5xx by which a server says that it will not, or not now: it knows what it does.
bool IsRefusal(int status) { return status == 501 || status == 503 || status == 505; }

}  // namespace

Pester::~Pester() {
  for (const Asking& asking : asking_) {
    if (asking.fd >= 0) close(asking.fd);
  }
  if (epoll_ >= 0) close(epoll_);
}

absl::Status Pester::Vanished(absl::string_view why) {
  if (!options_.keep.empty()) {
    std::ofstream out(options_.keep, std::ios::trunc);
    for (const std::string& request : last_) out << absl::CHexEscape(request) << "\n";
  }
  return absl::UnavailableError(absl::StrCat("the server is gone after ", result_.asked,
                                             " requests (seed ", options_.seed, "): ", why));
}

absl::Status Pester::Begin(Asking* asking) {
  for (int failures = 0;; ++failures) {
    const int fd = socket(server_.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return absl::InternalError(std::strerror(errno));
    if (server_.IsLoopback4()) {  // or all ports of one address would be waiting out their time
      const Address from = LoopbackSource(begun_);
      (void)bind(fd, from.get(), from.bytes);
    }
    if (connect(fd, server_.get(), server_.bytes) == 0) {
      *asking = {.fd = fd, .request = requests_.Next(), .until_ns = NowNs() + kPatienceNs};
      break;
    }
    const int error = errno;
    close(fd);
    if (failures >= kFailuresMax) return Vanished(std::strerror(error));
    usleep(kFailurePauseUs);
  }
  ++begun_;
  last_.push_back(asking->request);
  if (last_.size() > kLastKept) last_.pop_front();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = asking;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, asking->fd, &event);
  return absl::OkStatus();
}

void Pester::Send(Asking* asking) {
  const absl::string_view left = absl::string_view(asking->request).substr(asking->sent_bytes);
  const ssize_t sent = send(asking->fd, left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno == EAGAIN) return;
  asking->sent_bytes = sent < 0 ? asking->request.size() : asking->sent_bytes + size_t(sent);
  if (asking->sent_bytes < asking->request.size()) return;
  shutdown(asking->fd, SHUT_WR);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = asking;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, asking->fd, &event);
}

void Pester::Receive(Asking* asking) {
  std::array<char, 16 * 1024> buffer;
  const ssize_t got = recv(asking->fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return End(asking, false);
  asking->heard_bytes += uint64_t(got);
  if (asking->heard.size() < kHeardKeptBytes) asking->heard.append(buffer.data(), size_t(got));
  if (asking->heard_bytes > kHeardBytesMax) End(asking, true);
}

void Pester::End(Asking* asking, bool was_left) {
  close(asking->fd);
  asking->fd = -1;
  ++result_.asked;
  result_.left += was_left ? 1 : 0;
  if (asking->heard.empty()) {
    ++result_.unanswered;
    return;
  }
  const int status = StatusOf(asking->heard);
  ++result_.by_status[status];
  const bool is_bad = status >= 500 && !IsRefusal(status);
  if (is_bad && result_.bad.size() < kBadKept) result_.bad.push_back(asking->request);
}

void Pester::GoOn(Asking* asking, uint32_t events) {
  if (asking->fd < 0) return;
  if ((events & EPOLLOUT) != 0) Send(asking);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Receive(asking);
}

absl::Status Pester::Run() {
  absl::StatusOr<Address> server = Address::Resolve(options_.server);
  if (!server.ok()) return server.status();
  server_ = *server;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  asking_.resize(options_.at_once);
  std::vector<epoll_event> events(options_.at_once);
  while (result_.asked < options_.requests) {
    for (Asking& asking : asking_) {
      if (asking.fd >= 0 || begun_ >= options_.requests) continue;
      if (absl::Status begun = Begin(&asking); !begun.ok()) return begun;
    }
    const int ready = epoll_wait(epoll_, events.data(), int(events.size()), kWaitMs);
    for (int i = 0; i < ready; ++i) {
      GoOn(static_cast<Asking*>(events[size_t(i)].data.ptr), events[size_t(i)].events);
    }
    const int64_t now_ns = NowNs();
    for (Asking& asking : asking_) {
      if (asking.fd >= 0 && now_ns >= asking.until_ns) End(&asking, true);
    }
  }
  return absl::OkStatus();
}

}  // namespace floe::tools
