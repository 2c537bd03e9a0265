// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A shard's sockets as descriptors that can be given to another process.
#include "shard/socket_batch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "gtest/gtest.h"
#include "shard/call.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::shard {
namespace {

ino_t FileOf(int fd) {
  struct stat found {};
  EXPECT_EQ(fstat(fd, &found), 0);
  return found.st_ino;
}

class SocketBatchTest : public testing::Test {
 protected:
  // The shard gets a socket of its own, whose other end stays here.
  FdSlot Adopt() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const UniqueFd given(ends[0]);
    others_.emplace_back(ends[1]);
    files_.push_back(FileOf(given.get()));
    FdSlot slot{};
    CallOne(shard_.get(), *waker_,
            [&](Shard& shard) { slot = shard.ring().AdoptSockets(std::span(ends, 1)).value(); });
    return slot;
  }
  int Make(SocketBatch& batch) {
    CallOne(shard_.get(), *waker_, [&](Shard& shard) { shard.Install(batch); });
    return batch.Wait();
  }

  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  ShardOnThread shard_{/*turns=*/true};
  std::vector<UniqueFd> others_;
  std::vector<ino_t> files_;
};

TEST_F(SocketBatchTest, EachSocketOfTheShardGetsADescriptorOfTheProcess) {
  SocketBatch batch;
  for (int i = 0; i < 10; ++i) batch.sockets.push_back(Adopt());
  ASSERT_EQ(Make(batch), 0);
  ASSERT_EQ(batch.fds.size(), 10u);
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(FileOf(batch.fds[i]), files_[i]) << i;
}

TEST_F(SocketBatchTest, TheSocketStaysTheShardsWhenTheBatchIsClosed) {
  SocketBatch batch;
  batch.sockets.push_back(Adopt());
  ASSERT_EQ(Make(batch), 0);
  const int made = batch.fds[0];
  batch.CloseAll();
  EXPECT_LT(fcntl(made, F_GETFD), 0);
  char nothing = 0;
  EXPECT_EQ(recv(others_[0].get(), &nothing, 1, MSG_DONTWAIT), -1) << "it would have ended";
  EXPECT_EQ(errno, EAGAIN);
  SocketBatch again;
  again.sockets = batch.sockets;
  EXPECT_EQ(Make(again), 0);
}

TEST_F(SocketBatchTest, ASocketThatTheShardDoesNotHaveIsTheBatchsError) {
  SocketBatch batch;
  batch.sockets = {Adopt(), FdSlot(60)};
  EXPECT_EQ(Make(batch), EBADF);
  EXPECT_GE(batch.fds[0], 0) << "what was made is closed with the batch";
}

TEST_F(SocketBatchTest, NoSocketsAreMadeAtOnce) {
  SocketBatch none;
  EXPECT_EQ(Make(none), 0);
  EXPECT_TRUE(none.fds.empty());
}

}  // namespace
}  // namespace floe::shard
