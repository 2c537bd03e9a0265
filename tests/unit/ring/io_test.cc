// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/io.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ring/direct_fd.h"
#include "ring/probe.h"
#include "ring/waker.h"

namespace floe::ring {
namespace {

std::span<const std::byte> Bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
std::string Text(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// A ring with a coroutine on one end of a socket pair and the test on the other.
class IoTest : public testing::Test {
 protected:
  IoTest() {
    FrameArena::Install(&arena_);
    RingOptions options;
    options.submission_entries = 64;
    options.completion_entries = 256;
    options.direct_fds = 16;
    ring_ = Ring::Create(options).value();
    buffers_ = BufferRing::Create(*ring_, 8).value();
    io_ = std::make_unique<Io>(*ring_, *buffers_);
    Meet();
  }
  ~IoTest() override {
    io_->InterruptAll();
    TurnUntil([this] { return roots_.running() == 0; });
    close(peer_);
    io_.reset();
    buffers_.reset();
    ring_.reset();
    FrameArena::Install(nullptr);
  }

  // Accepts one connection of the test's into the ring's table.
  void Meet() {
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(here);
    ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&here), size), 0);
    ASSERT_EQ(listen(listening, 4), 0);
    getsockname(listening, reinterpret_cast<sockaddr*>(&here), &size);
    ring_->QueueAccept(listening, &from_, &from_size_, Token::Of(OpKind::kAccept, 0, 0));
    peer_ = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(peer_, reinterpret_cast<sockaddr*>(&here), size), 0);
    TurnUntil([this] { return accepted_; });
    close(listening);
  }

  template <typename Done>
  void TurnUntil(Done done) {
    for (int turn = 0; !done() && turn < 1000; ++turn) {
      ASSERT_TRUE(ring_->SubmitAndWait(milliseconds(5)).ok());
      ring_->Reap(64, [this](const io_uring_cqe& cqe) {
        const Token token(cqe.user_data);
        if (token.kind() == OpKind::kAwait) io_->OnCompletion(token.op(), cqe.res, cqe.flags);
        if (token.kind() == OpKind::kInstall) installed_ = cqe.res;
        if (token.kind() == OpKind::kMail) mail_.push_back(token.slot());
        if (token.kind() == OpKind::kAccept) {
          ASSERT_GE(cqe.res, 0);
          ring_->CountOpened();
          ours_ = FdSlot(uint32_t(cqe.res));
          accepted_ = true;
        }
      });
      io_->Expire(Clock::now());
    }
    ASSERT_TRUE(done());
  }

  static Task<> Hear(Io& io, FdSlot fd, Instant by, const void* owner, Received* out, bool* done) {
    *out = co_await io.Recv(fd, by, owner);
    *done = true;
  }
  static Task<> Say(Io& io, FdSlot fd, std::string what, absl::Status* out, bool* done) {
    *out = co_await SendAll(io, fd, Bytes(what), Clock::now() + 5s);
    *done = true;
  }
  static Task<> Wait(Io& io, Instant until, const void* owner, bool* slept, bool* done) {
    *slept = co_await io.Sleep(until, owner);
    *done = true;
  }

  static Task<> Call(Io& io, sockaddr_storage to, Instant by, const void* owner, Opened* opened,
                     int* error, bool* done) {
    *opened = co_await io.Socket(to.ss_family);
    *error = opened->error;
    if (*error == 0) *error = co_await io.Connect(opened->fd, to, by, owner);
    *done = true;
  }

  // A place on this host to connect to. `backlog` as with listen(2); -1: nobody listens.
  struct Place {
    int fd = -1;
    sockaddr_storage address{};
  };
  static Place Listen(int family, int backlog) {
    Place place{.fd = socket(family, SOCK_STREAM, 0)};
    socklen_t size = sizeof(sockaddr_in6);
    if (family == AF_INET) {
      auto& here = reinterpret_cast<sockaddr_in&>(place.address);
      here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof(sockaddr_in);
    } else {
      reinterpret_cast<sockaddr_in6&>(place.address).sin6_addr = in6addr_loopback;
    }
    place.address.ss_family = sa_family_t(family);
    EXPECT_EQ(bind(place.fd, reinterpret_cast<sockaddr*>(&place.address), size), 0);
    EXPECT_TRUE(backlog < 0 || listen(place.fd, backlog) == 0);
    getsockname(place.fd, reinterpret_cast<sockaddr*>(&place.address), &size);
    return place;
  }
  // Fills what a listening socket takes without accepting: who comes then gets no answer.
  static std::vector<int> FillBacklog(const Place& place) {
    std::vector<int> sockets;
    for (int i = 0; i < 3; ++i) {
      sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      (void)connect(sockets.back(), reinterpret_cast<const sockaddr*>(&place.address),
                    sizeof(sockaddr_in));
    }
    return sockets;
  }

  FrameArena arena_{1 << 20};
  RootTasks roots_{64};
  std::unique_ptr<Ring> ring_;
  std::unique_ptr<BufferRing> buffers_;
  std::unique_ptr<Io> io_;
  std::vector<uint32_t> mail_;
  sockaddr_storage from_{};
  socklen_t from_size_ = sizeof(from_);
  bool accepted_ = false;
  int peer_ = -1;
  int installed_ = -1;  // a descriptor of the process
  FdSlot ours_{};
};

TEST_F(IoTest, ThisKernelHasAllThatFloeNeeds) { EXPECT_EQ(ProbeKernel(), absl::OkStatus()); }

TEST_F(IoTest, ReceivesWhatThePeerSaysAndNoticesItsEnd) {
  Received first, last;
  bool heard = false, ended = false;
  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 5s, nullptr, &first, &heard)));
  ASSERT_EQ(write(peer_, "audio", 5), 5);
  TurnUntil([&] { return heard; });
  EXPECT_EQ(Text(first.bytes()), "audio");

  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 5s, nullptr, &last, &ended)));
  shutdown(peer_, SHUT_WR);
  TurnUntil([&] { return ended; });
  EXPECT_TRUE(last.finished());
}

TEST_F(IoTest, AReceiveEndsAtItsDeadline) {
  Received received;
  bool done = false;
  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 1ms, nullptr, &received, &done)));
  TurnUntil([&] { return done; });
  EXPECT_EQ(received.error, ETIMEDOUT);
}

TEST_F(IoTest, InterruptEndsOnlyTheWaitsOfThatOwner) {
  Received received;
  bool heard = false, slept = true, woke = false;
  const int mine = 0, other = 0;
  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 60s, &mine, &received, &heard)));
  ASSERT_TRUE(roots_.Run(Wait(*io_, Clock::now() + 60s, &other, &slept, &woke)));
  io_->Interrupt(&mine);
  TurnUntil([&] { return heard; });
  EXPECT_EQ(received.error, ECANCELED);
  EXPECT_FALSE(woke);
  io_->Interrupt(&other);
  TurnUntil([&] { return woke; });
  EXPECT_FALSE(slept);
}

TEST_F(IoTest, AnInterruptionIsSeenThoughTheReceiveEndedWell) {
  Received received;
  bool heard = false;
  const int mine = 0;
  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 60s, &mine, &received, &heard)));
  ASSERT_EQ(write(peer_, "x", 1), 1);
  ring_->Submit();
  io_->Interrupt(&mine);  // the byte is received, but its completion not looked at yet
  TurnUntil([&] { return heard; });
  EXPECT_EQ(Text(received.bytes()), "x");
  EXPECT_TRUE(received.is_interrupted);
}

TEST_F(IoTest, AWakeEndsTheSleepsOfThatOwnerAsIfInTime) {
  bool slept = false, woke = false, slept_on = true, woke_too = false;
  const int mine = 0, other = 0;
  ASSERT_TRUE(roots_.Run(Wait(*io_, Clock::now() + 60s, &mine, &slept, &woke)));
  ASSERT_TRUE(roots_.Run(Wait(*io_, Clock::now() + 60s, &other, &slept_on, &woke_too)));
  io_->Wake(&mine);
  TurnUntil([&] { return woke; });
  EXPECT_TRUE(slept);
  EXPECT_FALSE(woke_too);
  io_->Interrupt(&other);
  TurnUntil([&] { return woke_too; });
}

TEST_F(IoTest, WhoIsWokenCanBeInterruptedUntilItRuns) {
  bool slept = true, woke = false;
  const int mine = 0;
  ASSERT_TRUE(roots_.Run(Wait(*io_, Clock::now() + 60s, &mine, &slept, &woke)));
  io_->Wake(&mine);
  io_->Interrupt(&mine);
  TurnUntil([&] { return woke; });
  EXPECT_FALSE(slept);
}

TEST_F(IoTest, ALargeSendGoesOutWhole) {
  const std::string much(1 << 20, 'x');
  absl::Status status = absl::UnknownError("");
  bool done = false;
  std::string got;
  ASSERT_TRUE(roots_.Run(Say(*io_, ours_, much, &status, &done)));
  std::thread reader([&] {
    char chunk[65536];
    while (got.size() < much.size()) {
      const ssize_t n = read(peer_, chunk, sizeof(chunk));
      if (n <= 0) break;
      got.append(chunk, size_t(n));
    }
  });
  TurnUntil([&] { return done; });
  reader.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(got, much);
}

TEST_F(IoTest, SendingToAPeerThatLeftIsAnErrorNotASignal) {
  close(peer_);
  peer_ = -1;
  absl::Status status;
  // The first send is answered by a reset, the next one meets it.
  for (int tries = 0; status.ok() && tries < 100; ++tries) {
    bool done = false;
    ASSERT_TRUE(roots_.Run(Say(*io_, ours_, "anyone?", &status, &done)));
    TurnUntil([&] { return done; });
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(IoTest, AReceiveWaitsWhenAllBuffersAreOnLoan) {
  std::vector<Received> held(9);
  bool done[9] = {};
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 5s, nullptr, &held[i], &done[i])));
    ASSERT_EQ(write(peer_, "a", 1), 1);
    TurnUntil([&] { return done[i]; });
  }
  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 5s, nullptr, &held[8], &done[8])));
  ASSERT_EQ(write(peer_, "z", 1), 1);
  TurnUntil([&] { return done[8]; });
  EXPECT_EQ(held[8].error, ENOBUFS);
  held[0] = Received{};  // one comes back
  Received again;
  bool heard = false;
  ASSERT_TRUE(roots_.Run(Hear(*io_, ours_, Clock::now() + 5s, nullptr, &again, &heard)));
  TurnUntil([&] { return heard; });
  EXPECT_EQ(Text(again.bytes()), "z");
}

TEST_F(IoTest, AnotherThreadWakesTheRing) {
  std::thread other([fd = ring_->fd()] {
    const std::unique_ptr<Waker> waker = Waker::Create().value();
    EXPECT_TRUE(waker->Wake(fd, Token::Of(OpKind::kMail, 42, 0)));
  });
  TurnUntil([&] { return !mail_.empty(); });
  other.join();
  EXPECT_EQ(mail_.front(), 42u);
}

TEST_F(IoTest, ASocketConnectsAndTalksByItsSlot) {
  for (const int family : {AF_INET, AF_INET6}) {
    const Place place = Listen(family, 4);
    Opened opened;
    int error = -1;
    bool called = false, said = false;
    ASSERT_TRUE(roots_.Run(
        Call(*io_, place.address, Clock::now() + 5s, nullptr, &opened, &error, &called)));
    TurnUntil([&] { return called; });
    ASSERT_EQ(error, 0);
    EXPECT_EQ(ring_->direct_fds_open(), 2u);
    const int other = accept(place.fd, nullptr, nullptr);
    absl::Status status;
    ASSERT_TRUE(roots_.Run(Say(*io_, opened.fd, "GET", &status, &said)));
    TurnUntil([&] { return said; });
    char heard[4] = {};
    EXPECT_EQ(read(other, heard, sizeof(heard)), 3);
    EXPECT_STREQ(heard, "GET");
    ring_->QueueClose(opened.fd);
    ring_->Submit();
    EXPECT_EQ(read(other, heard, sizeof(heard)), 0) << "closing the slot closes the connection";
    close(other);
    close(place.fd);
  }
}

TEST_F(IoTest, ARefusedConnectSaysSo) {
  const Place place = Listen(AF_INET, -1);
  Opened opened;
  int error = 0;
  bool done = false;
  ASSERT_TRUE(
      roots_.Run(Call(*io_, place.address, Clock::now() + 5s, nullptr, &opened, &error, &done)));
  TurnUntil([&] { return done; });
  EXPECT_EQ(error, ECONNREFUSED);
  ring_->QueueClose(opened.fd);
  close(place.fd);
}

TEST_F(IoTest, AConnectWithoutAnAnswerEndsAtItsDeadlineOrWhenInterrupted) {
  const Place place = Listen(AF_INET, 0);
  const std::vector<int> before = FillBacklog(place);
  Opened late, unwanted;
  int late_error = 0, unwanted_error = 0;
  bool is_late = false, is_unwanted = false;
  const int owner = 0;
  ASSERT_TRUE(roots_.Run(
      Call(*io_, place.address, Clock::now() + 50ms, nullptr, &late, &late_error, &is_late)));
  ASSERT_TRUE(roots_.Run(Call(*io_, place.address, Clock::now() + 60s, &owner, &unwanted,
                              &unwanted_error, &is_unwanted)));
  TurnUntil([&] { return is_late; });
  EXPECT_EQ(late_error, ETIMEDOUT);
  EXPECT_FALSE(is_unwanted);
  io_->Interrupt(&owner);
  TurnUntil([&] { return is_unwanted; });
  EXPECT_EQ(unwanted_error, ECANCELED);
  ring_->QueueClose(late.fd);
  ring_->QueueClose(unwanted.fd);
  for (const int socket : before) close(socket);
  close(place.fd);
}

TEST_F(IoTest, AcceptGivesADirectDescriptorAndThePeersAddress) {
  sockaddr_in peer_address{};
  socklen_t size = sizeof(peer_address);
  getsockname(peer_, reinterpret_cast<sockaddr*>(&peer_address), &size);
  EXPECT_EQ(reinterpret_cast<sockaddr_in*>(&from_)->sin_port, peer_address.sin_port);
  EXPECT_EQ(ring_->direct_fds_open(), 1u);
}

TEST_F(IoTest, TheSendBufferOfADirectDescriptorCanBeChanged) {
  static constexpr int kBytes = 100'000;
  ring_->QueueSetSendBuffer(ours_, &kBytes);
  ring_->QueueInstall(ours_, Token::Of(OpKind::kInstall, 0, 0));
  TurnUntil([this] { return installed_ >= 0; });
  int bytes = 0;
  socklen_t size = sizeof(bytes);
  ASSERT_EQ(getsockopt(installed_, SOL_SOCKET, SO_SNDBUF, &bytes, &size), 0);
  EXPECT_EQ(bytes, 2 * kBytes);  // socket(7): the kernel doubles it
  close(installed_);
}

}  // namespace
}  // namespace floe::ring
