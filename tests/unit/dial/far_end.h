// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::dial {

// FarEnd is a place on this host that somebody may connect to: one that answers, refuses, or is
// silent.
class FarEnd {
 public:
  enum class Kind { kAnswers, kRefuses, kIsSilent };

  explicit FarEnd(Kind kind = Kind::kAnswers, int family = AF_INET)
      : fd_(socket(family, SOCK_STREAM, 0)) {
    address_.ss_family = sa_family_t(family);
    socklen_t size = sizeof(sockaddr_in6);
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in&>(address_).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof(sockaddr_in);
    } else {
      reinterpret_cast<sockaddr_in6&>(address_).sin6_addr = in6addr_loopback;
    }
    EXPECT_EQ(bind(fd_, plain(), size), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size);
    EXPECT_TRUE(kind != Kind::kAnswers || listen(fd_, 16) == 0);
    if (kind == Kind::kIsSilent) FillBacklog(size);
  }
  ~FarEnd() {
    for (const int socket : in_backlog_) close(socket);
    close(fd_);
  }
  FarEnd(const FarEnd&) = delete;

  const sockaddr_storage& address() const { return address_; }
  uint16_t port() const { return ntohs(reinterpret_cast<const sockaddr_in&>(address_).sin_port); }
  std::string Url(const std::string& target) const {
    const char* host = address_.ss_family == AF_INET ? "127.0.0.1" : "[::1]";
    return absl::StrCat("http://", host, ":", port(), target);
  }

  // Accepts one who connects, hears what is asked, and answers; the connection stays open.
  // Answers the request's head.
  std::string Answer(const std::string& reply) {
    const int peer = accept(fd_, nullptr, nullptr);
    std::string head;
    char piece[1024];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t bytes = read(peer, piece, sizeof(piece));
      if (bytes <= 0) break;
      head.append(piece, size_t(bytes));
    }
    EXPECT_EQ(write(peer, reply.data(), reply.size()), ssize_t(reply.size()));
    in_backlog_.push_back(peer);
    return head;
  }
  void HangUp() {
    for (const int socket : std::exchange(in_backlog_, {})) close(socket);
  }

 private:
  const sockaddr* plain() const { return reinterpret_cast<const sockaddr*>(&address_); }

  // Who comes when a backlog is full gets no answer.
  void FillBacklog(socklen_t size) {
    EXPECT_EQ(listen(fd_, 0), 0);
    for (int i = 0; i < 3; ++i) {
      in_backlog_.push_back(socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0));
      (void)connect(in_backlog_.back(), plain(), size);
    }
  }

  sockaddr_storage address_{};
  const int fd_;
  std::vector<int> in_backlog_;
};

}  // namespace floe::dial
