// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/socket_activation.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr pid_t kOwnPid = 42;
constexpr int kFirstFd = 500;  // where nothing else is open

// What systemd has bound and passes on, each socket at the next descriptor.
class SocketActivationTest : public testing::Test {
 protected:
  SocketActivationTest() { config_.listen.clear(); }
  ~SocketActivationTest() override {
    for (int i = 0; i < passed_; ++i) close(kFirstFd + i);
  }

  // Answers the port of a socket of TCP on loopback.
  uint16_t Pass(bool listens = true, int type = SOCK_STREAM) {
    const int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    if (listens) {
      EXPECT_EQ(listen(fd, 16), 0);
    }
    EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    PassFd(fd);
    return ntohs(address.sin_port);
  }
  void PassFd(int fd) {
    const int passed_fd = kFirstFd + passed_++;
    EXPECT_EQ(dup2(fd, passed_fd), passed_fd);
    close(fd);
  }

  std::string Configure(uint16_t port) {
    config_.listen.push_back({.address = absl::StrCat("127.0.0.1:", port)});
    return config_.listen.back().address;
  }

  absl::StatusOr<std::vector<InheritedListen>> Take(uint32_t shards = 2, const char* names = "") {
    const std::string count = absl::StrCat(passed_);
    const ActivationVariables variables{.pid = "42", .fds = count, .names = names};
    return TakeActivated(variables, kOwnPid, config_, shards, kFirstFd);
  }

  config::Config config_;
  int passed_ = 0;
};

ino_t InodeOf(const UniqueFd& fd) {
  struct stat info {};
  EXPECT_EQ(fstat(fd.get(), &info), 0);
  return info.st_ino;
}

TEST_F(SocketActivationTest, EachSocketGoesToTheListenWhoseAddressItHas) {
  const std::string second = Configure(Pass()), first = Configure(Pass());
  const auto groups = Take(/*shards=*/1);
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_THAT(*groups, SizeIs(2));
  EXPECT_EQ((*groups)[0].address, second);
  EXPECT_EQ((*groups)[0].fds[0].get(), kFirstFd);
  EXPECT_EQ((*groups)[1].address, first);
  EXPECT_EQ((*groups)[1].fds[0].get(), kFirstFd + 1);
}

TEST_F(SocketActivationTest, ShardsShareASocketWithADescriptorEach) {
  Configure(Pass());
  const auto groups = Take(/*shards=*/3);
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_THAT((*groups)[0].fds, SizeIs(3));
  std::set<int> fds;
  std::set<ino_t> sockets;
  for (const UniqueFd& fd : (*groups)[0].fds) {
    fds.insert(fd.get());
    sockets.insert(InodeOf(fd));
  }
  EXPECT_THAT(fds, SizeIs(3));
  EXPECT_THAT(sockets, SizeIs(1));
}

TEST_F(SocketActivationTest, NoneBlocksAnAcceptThatWaitsNorIsLeftToAnotherProgram) {
  Configure(Pass());
  const auto groups = Take(/*shards=*/2);
  ASSERT_TRUE(groups.ok()) << groups.status();
  for (const UniqueFd& fd : (*groups)[0].fds) {
    EXPECT_EQ(fcntl(fd.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
  }
}

TEST_F(SocketActivationTest, ASocketThatAProcessBeforeHasMadeDeafHearsAgain) {
  const uint16_t port = Pass();
  Configure(port);
  sock_filter nothing{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
  const sock_fprog program{.len = 1, .filter = &nothing};
  ASSERT_EQ(setsockopt(kFirstFd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)), 0);
  const auto groups = Take();
  ASSERT_TRUE(groups.ok()) << groups.status();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const UniqueFd player(socket(AF_INET, SOCK_STREAM, 0));
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  setsockopt(player.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  EXPECT_EQ(connect(player.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

TEST_F(SocketActivationTest, AnAddressThatGotNoneIsLeftToBeOpened) {
  Configure(Pass());
  Configure(1);
  const auto groups = Take();
  ASSERT_TRUE(groups.ok()) << groups.status();
  EXPECT_THAT(*groups, SizeIs(1));
}

TEST_F(SocketActivationTest, WhatIsForAnotherProcessIsNotTouched) {
  Configure(Pass());
  for (const char* pid : {"41", "", "none"}) {
    const auto groups =
        TakeActivated({.pid = pid, .fds = "1", .names = ""}, kOwnPid, config_, 2, kFirstFd);
    ASSERT_TRUE(groups.ok());
    EXPECT_THAT(*groups, IsEmpty());
  }
  EXPECT_EQ(fcntl(kFirstFd, F_GETFD), 0);
}

TEST_F(SocketActivationTest, ASocketThatIsNotConfiguredIsNamedWithWhatIs) {
  const uint16_t port = Pass();
  Configure(1);
  EXPECT_THAT(Take(2, "floe.socket").status().message(),
              AllOf(HasSubstr(absl::StrCat("127.0.0.1:", port)), HasSubstr("floe.socket"),
                    HasSubstr("127.0.0.1:1")));
}

TEST_F(SocketActivationTest, ASocketThatDoesNotListenIsRefused) {
  Configure(Pass(/*listens=*/false));
  EXPECT_THAT(Take().status().message(), HasSubstr("does not listen"));
}

TEST_F(SocketActivationTest, ASocketOfAnotherKindIsRefused) {
  Configure(Pass(/*listens=*/false, SOCK_DGRAM));
  EXPECT_THAT(Take().status().message(), HasSubstr("not of TCP"));
}

TEST_F(SocketActivationTest, AUnixSocketIsRefused) {
  PassFd(socket(AF_UNIX, SOCK_STREAM, 0));
  EXPECT_THAT(Take().status().message(), HasSubstr("not of TCP"));
}

TEST_F(SocketActivationTest, ADescriptorThatIsNotThereIsNamed) {
  Configure(Pass());
  const auto groups =
      TakeActivated({.pid = "42", .fds = "2", .names = ""}, kOwnPid, config_, 2, kFirstFd);
  EXPECT_THAT(groups.status().message(), HasSubstr(absl::StrCat("descriptor ", kFirstFd + 1)));
}

TEST_F(SocketActivationTest, ANumberOfSocketsThatIsNoneIsSaid) {
  for (const char* fds : {"", "-1", "many", "1000000"}) {
    const auto groups =
        TakeActivated({.pid = "42", .fds = fds, .names = ""}, kOwnPid, config_, 2, kFirstFd);
    EXPECT_THAT(groups.status().message(), HasSubstr("LISTEN_FDS"));
  }
}

}  // namespace
}  // namespace floe::server
