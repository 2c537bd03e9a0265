// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/socket.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "control/unix_address.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::control {
namespace {

using testing::HasSubstr;

class SocketTest : public testing::Test {
 protected:
  SocketTest() {
    std::string folder = testing::TempDir() + "/floe-socket-XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    path_ = folder + "/control.sock";
  }
  ~SocketTest() override { std::filesystem::remove_all(folder_); }

  bool IsThere() const { return std::filesystem::is_socket(path_); }
  // Whether a peer reaches somebody who listens at the path.
  bool IsHeard() const {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const UnixAddress address = UnixAddress::Of(path_).value();
    const bool is_heard = connect(fd, address.get(), address.size_bytes) == 0;
    close(fd);
    return is_heard;
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(SocketTest, IsForItsUserAloneAndGoesWithItsServer) {
  {
    ControlSocket control;
    const mode_t before = umask(0);
    ASSERT_TRUE(control.Open(path_).ok());
    umask(before);
    struct stat there {};
    ASSERT_EQ(lstat(path_.c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 07777, 0600u);
    EXPECT_TRUE(IsHeard());
    EXPECT_NE(fcntl(control.fd(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(fcntl(control.fd(), F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_FALSE(IsThere());
}

TEST_F(SocketTest, ASecondServerIsToldWhoIsThere) {
  ControlSocket first, second;
  ASSERT_TRUE(first.Open(path_).ok());
  const absl::Status refused = second.Open(path_);
  EXPECT_TRUE(absl::IsAlreadyExists(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr(absl::StrCat("pid ", getpid())));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("server.control_socket"));
  EXPECT_TRUE(IsHeard());
}

TEST_F(SocketTest, WhatADeadServerLeftBehindIsReplaced) {
  ControlSocket dead, next;
  ASSERT_TRUE(dead.Open(path_).ok());
  dead.Release();
  dead.Close();
  ASSERT_TRUE(IsThere());
  EXPECT_FALSE(IsHeard());
  EXPECT_TRUE(next.Open(path_).ok());
  EXPECT_TRUE(IsHeard());
}

TEST_F(SocketTest, WhatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  ControlSocket control;
  EXPECT_THAT(std::string(control.Open(path_).message()), HasSubstr("something else"));
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(SocketTest, APathThatCannotBeIsExplained) {
  ControlSocket control;
  EXPECT_THAT(std::string(control.Open(folder_ / "no" / "where.sock").message()),
              HasSubstr("server.control_socket"));
  EXPECT_FALSE(control.Open(std::string(200, 'x')).ok());
  EXPECT_FALSE(control.Open("").ok());
  EXPECT_EQ(control.fd(), -1);
}

TEST_F(SocketTest, TheNextProcessHasItWithoutAMomentInWhichNobodyListens) {
  ControlSocket next;
  {
    ControlSocket old;
    ASSERT_TRUE(old.Open(path_).ok());
    ASSERT_TRUE(next.Adopt(dup(old.fd())).ok());
    old.Release();
  }
  EXPECT_EQ(next.path(), path_);
  EXPECT_TRUE(IsHeard());
  next.Close();
  EXPECT_FALSE(IsThere());
}

TEST_F(SocketTest, WhatIsNoListeningSocketIsNotAdopted) {
  ControlSocket control;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  EXPECT_FALSE(control.Adopt(pair[0]).ok());
  EXPECT_FALSE(control.Adopt(-1).ok());
  EXPECT_EQ(control.fd(), -1);
  close(pair[1]);
}

TEST_F(SocketTest, AFileThatSomebodyElsePutThereStays) {
  ControlSocket control, other;
  ASSERT_TRUE(control.Open(path_).ok());
  std::filesystem::remove(path_);
  ASSERT_TRUE(other.Open(path_).ok());
  control.Close();
  EXPECT_TRUE(IsHeard());
}

}  // namespace
}  // namespace floe::control
