// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/listen_sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "config/address.h"

namespace floe::server {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr int kPatience_ms = 10'000;  // only a failure waits so long
constexpr int kNoticeable_ms = 200;   // loopback connects in microseconds

// A socket of the test's own that has tried to come, but has not waited.
class Visitor {
 public:
  explicit Visitor(const std::string& address)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    const config::SocketAddress to = config::ParseAddress(address).value();
    connect(fd_, to.get(), to.size_bytes);
  }
  ~Visitor() { close(fd_); }
  bool IsConnected(int within_ms) const {
    pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (poll(&wait, 1, within_ms) != 1) return false;
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0;
  }

 private:
  int fd_;
};

std::string FreeAddress() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(here);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&here), size), 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
  close(fd);
  return absl::StrCat("127.0.0.1:", ntohs(here.sin_port));
}

class ListenSocketsTest : public testing::Test {
 protected:
  void Listen(const std::vector<std::string>& addresses) {
    config_.listen.clear();
    for (const std::string& address : addresses) config_.listen.push_back({address});
  }

  const std::vector<Place> places_{2};
  config::Config config_;
  ListenSockets sockets_;
};

TEST_F(ListenSocketsTest, WhatIsOpenStaysWhenMoreIsOpened) {
  const std::string one = FreeAddress(), two = FreeAddress();
  Listen({one});
  ASSERT_TRUE(sockets_.Open(config_, places_).ok());
  const std::vector<int> before = sockets_.Of(one);
  Listen({one, two});
  ASSERT_TRUE(sockets_.Open(config_, places_).ok());
  EXPECT_EQ(sockets_.Of(one), before);
  EXPECT_THAT(sockets_.OfShard(1), SizeIs(2));
  EXPECT_TRUE(Visitor(two).IsConnected(kPatience_ms));
}

TEST_F(ListenSocketsTest, WhenOneCannotBeOpenedTheOthersThatCameWithItAreNot) {
  const std::string one = FreeAddress(), two = FreeAddress(), taken = FreeAddress();
  config::Config of_others;
  of_others.listen = {{taken}};
  ListenSockets others;
  ASSERT_TRUE(others.Open(of_others, places_).ok());
  Listen({one});
  ASSERT_TRUE(sockets_.Open(config_, places_).ok());
  Listen({one, two, taken});
  EXPECT_THAT(sockets_.Open(config_, places_).message(), HasSubstr(taken + " is in use"));
  EXPECT_THAT(sockets_.OfShard(0), SizeIs(1));
  EXPECT_TRUE(Visitor(one).IsConnected(kPatience_ms));
  EXPECT_FALSE(Visitor(two).IsConnected(kNoticeable_ms));
}

TEST_F(ListenSocketsTest, AnyAddressOfAPortMayFollowOneOfThem) {
  const std::string one = FreeAddress();
  Listen({one});
  ASSERT_TRUE(sockets_.Open(config_, places_).ok());
  Listen({absl::StrCat("0.0.0.0", one.substr(one.find(':')))});
  EXPECT_TRUE(sockets_.Open(config_, places_).ok());
  sockets_.Close(one);
  EXPECT_TRUE(Visitor(one).IsConnected(kPatience_ms));
}

TEST_F(ListenSocketsTest, WhoHasComeBeforeTheDoorIsShutIsStillThere) {
  const std::string address = FreeAddress();
  Listen({address});
  ASSERT_TRUE(sockets_.Open(config_, places_).ok());
  const Visitor early(address);
  ASSERT_TRUE(early.IsConnected(kPatience_ms));
  EXPECT_EQ(sockets_.Waiting(address), 1u);
  sockets_.TurnAway(address);
  const Visitor late(address);
  EXPECT_FALSE(late.IsConnected(kNoticeable_ms));
  ASSERT_EQ(sockets_.Waiting(address), 1u);
  int accepted = -1;
  for (const int fd : sockets_.Of(address)) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (const int socket = accept(fd, nullptr, nullptr); socket >= 0) accepted = socket;
  }
  ASSERT_GE(accepted, 0);
  EXPECT_EQ(sockets_.Waiting(address), 0u);
  sockets_.Close(address);
  EXPECT_EQ(send(accepted, "hello", 5, 0), 5);
  close(accepted);
}

TEST_F(ListenSocketsTest, OtherTimesAndBuffersAreForThoseWhoComeNext) {
  const std::string address = FreeAddress();
  Listen({address});
  ASSERT_TRUE(sockets_.Open(config_, places_).ok());
  config_.limits.client_timeout = 7s;
  sockets_.Configure(config_);
  for (const int fd : sockets_.Of(address)) {
    int timeout_ms = 0;
    socklen_t size = sizeof(timeout_ms);
    getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, &size);
    EXPECT_EQ(timeout_ms, 7'000);
  }
}

TEST_F(ListenSocketsTest, ACongestionControlThatTheHostHasNotIsRefused) {
  config_.fanout.congestion = "no-such-one";
  EXPECT_THAT(ListenSockets::Check(config_.fanout).message(), HasSubstr("this host has: "));
  config_.fanout.congestion = "";
  EXPECT_TRUE(ListenSockets::Check(config_.fanout).ok());
}

}  // namespace
}  // namespace floe::server
