// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/steering.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::server {
namespace {

// Sockets of as many shards that share a port of loopback.
class SharedPort {
 public:
  explicit SharedPort(size_t shards) {
    for (size_t i = 0; i < shards; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      const int on = 1;
      EXPECT_EQ(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
      EXPECT_EQ(bind(fd, Address(), sizeof(address_)), 0) << std::strerror(errno);
      EXPECT_EQ(listen(fd, 64), 0);
      socklen_t length = sizeof(address_);
      EXPECT_EQ(getsockname(fd, Address(), &length), 0);
      fds_.push_back(fd);
    }
  }
  ~SharedPort() {
    for (const int fd : fds_) close(fd);
  }

  int fd() const { return fds_[0]; }
  // The shard that gets a connection which a thread on that core makes.
  int ShardOfConnectionFrom(int core) {
    std::thread([&] {
      StayAt({.core = core});
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      EXPECT_EQ(connect(fd, Address(), sizeof(address_)), 0);
      close(fd);
    }).join();
    for (size_t i = 0; i < fds_.size(); ++i) {
      const int accepted = accept(fds_[i], nullptr, nullptr);
      if (accepted < 0) continue;
      close(accepted);
      return int(i);
    }
    return -1;
  }

 private:
  sockaddr* Address() { return reinterpret_cast<sockaddr*>(&address_); }

  sockaddr_in address_{.sin_family = AF_INET,
                       .sin_port = 0,
                       .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
                       .sin_zero = {}};
  std::vector<int> fds_;
};

constexpr int kConnections = 20;

TEST(Steering, WhoArrivesOnACoreIsGivenToAShardOfThatCore) {
  // Three shards for each core. Over loopback a packet is handled where it was sent.
  const std::vector<uint32_t> cores = ReadTopology().allowed_cores;
  std::vector<Place> places;
  for (size_t i = 0; i < 3 * cores.size(); ++i) {
    places.push_back({.core = int(cores[i % cores.size()])});
  }
  SharedPort port(places.size());
  ASSERT_TRUE(Steer(port.fd(), places).ok());
  for (size_t i = 0; i < cores.size(); ++i) {
    for (int n = 0; n < kConnections; ++n) {
      const int shard = port.ShardOfConnectionFrom(int(cores[i]));
      ASSERT_GE(shard, 0);
      EXPECT_EQ(size_t(shard) % cores.size(), i);
    }
  }
}

TEST(Steering, ACoreWithoutAShardSharesThoseOfTheOthers) {
  SharedPort port(2);
  const std::vector<Place> elsewhere = {{.core = 1000}, {.core = 1001}};
  ASSERT_TRUE(Steer(port.fd(), elsewhere).ok());
  for (int n = 0; n < kConnections; ++n) {
    EXPECT_GE(port.ShardOfConnectionFrom(int(ReadTopology().allowed_cores[0])), 0);
  }
}

TEST(Steering, UnpinnedShardsAreAllAsGood) {
  SharedPort port(2);
  ASSERT_TRUE(Steer(port.fd(), {Place{}, Place{}}).ok());
  EXPECT_GE(port.ShardOfConnectionFrom(int(ReadTopology().allowed_cores[0])), 0);
}

TEST(Steering, TheKernelsRefusalIsPassedOn) {
  EXPECT_FALSE(Steer(/*listening_fd=*/-1, {Place{}}).ok());
}

}  // namespace
}  // namespace floe::server
