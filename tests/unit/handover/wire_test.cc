// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/wire.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Long enough that a test which meets it has failed.
Instant InAWhile() { return Clock::now() + 20s; }

// A pipe end that tells which one it is by what is read from it.
struct Told {
  Told() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  UniqueFd read, write;
};

ino_t FileOf(int fd) {
  struct stat found {};
  EXPECT_EQ(fstat(fd, &found), 0);
  return found.st_ino;
}

class WireTest : public testing::Test {
 protected:
  WireTest() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    a_ = std::make_unique<Wire>(UniqueFd(ends[0]));
    b_ = std::make_unique<Wire>(UniqueFd(ends[1]));
  }
  // Bytes as no wire sends them.
  void SendRaw(absl::string_view bytes) {
    ASSERT_EQ(send(a_->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
  }

  std::unique_ptr<Wire> a_, b_;
};

Refusal WithReason(std::string reason) {
  Refusal refusal;
  refusal.set_reason(std::move(reason));
  return refusal;
}

TEST_F(WireTest, AMessageArrivesAsItsKindAndItsBytes) {
  Hello hello;
  hello.set_version(7);
  hello.set_build("1.2");
  ASSERT_TRUE(a_->Send(Kind::kHello, hello, InAWhile()).ok());
  const auto envelope = b_->Receive(InAWhile());
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  EXPECT_EQ(envelope->kind, Kind::kHello);
  EXPECT_EQ(envelope->bytes, hello.SerializeAsString());
  EXPECT_THAT(envelope->fds, IsEmpty());
}

TEST_F(WireTest, MessagesStayApartHoweverQuicklyTheyCome) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(a_->Send(Kind::kLoop, WithReason(std::string(size_t(i), 'x')), InAWhile()).ok());
  }
  ASSERT_TRUE(a_->Send(Kind::kEnd, Empty(), InAWhile()).ok());
  for (int i = 0; i < 100; ++i) {
    Refusal heard;
    ASSERT_TRUE(heard.ParseFromString(b_->Receive(InAWhile()).value().bytes));
    EXPECT_EQ(heard.reason().size(), size_t(i));
  }
  const Envelope end = b_->Receive(InAWhile()).value();
  EXPECT_EQ(end.kind, Kind::kEnd);
  EXPECT_EQ(end.bytes, "");
}

TEST_F(WireTest, DescriptorsArriveWithTheirOwnMessage) {
  const Told first, second;
  const int one[] = {first.read.get()};
  const int two[] = {second.read.get(), second.write.get()};
  ASSERT_TRUE(a_->Send(Kind::kHead, Empty(), one, InAWhile()).ok());
  ASSERT_TRUE(a_->Send(Kind::kMount, Empty(), InAWhile()).ok());
  ASSERT_TRUE(a_->Send(Kind::kSource, Empty(), two, InAWhile()).ok());
  const Envelope head = b_->Receive(InAWhile()).value();
  ASSERT_THAT(head.fds, SizeIs(1));
  EXPECT_EQ(FileOf(head.fds[0].get()), FileOf(first.read.get()));
  EXPECT_EQ(fcntl(head.fds[0].get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_THAT(b_->Receive(InAWhile()).value().fds, IsEmpty());
  const Envelope source = b_->Receive(InAWhile()).value();
  ASSERT_THAT(source.fds, SizeIs(2));
  ASSERT_EQ(write(source.fds[1].get(), "x", 1), 1);
  char heard = 0;
  EXPECT_EQ(read(second.read.get(), &heard, 1), 1);
}

TEST_F(WireTest, AsManyDescriptorsAsAMessageMayHaveArriveInTheirOrder) {
  std::vector<Told> told(Wire::kFdsPerMessageMax);
  std::vector<int> fds;
  for (const Told& one : told) fds.push_back(one.read.get());
  Passports passports;
  for (size_t i = 0; i < fds.size(); ++i) passports.add_listeners()->set_id(i);
  ASSERT_TRUE(a_->Send(Kind::kPassports, passports, fds, InAWhile()).ok());
  const Envelope envelope = b_->Receive(InAWhile()).value();
  ASSERT_THAT(envelope.fds, SizeIs(fds.size()));
  for (size_t i = 0; i < fds.size(); ++i) {
    ASSERT_EQ(FileOf(envelope.fds[i].get()), FileOf(fds[i])) << i;
  }
}

TEST_F(WireTest, AMessageMayBeFarLargerThanASocketBuffer) {
  const Refusal large = WithReason(std::string(8'000'000, 'l'));
  const Told told;
  const int fds[] = {told.read.get()};
  std::thread sending([&] { EXPECT_TRUE(a_->Send(Kind::kMount, large, fds, InAWhile()).ok()); });
  const auto envelope = b_->Receive(InAWhile());
  sending.join();
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  EXPECT_TRUE(envelope->bytes == large.SerializeAsString());
  EXPECT_THAT(envelope->fds, SizeIs(1));
}

TEST_F(WireTest, AMessageBeyondTheBoundIsNotSent) {
  const Refusal huge = WithReason(std::string(Wire::kMessageBytesMax, 'h'));
  EXPECT_EQ(a_->Send(Kind::kMount, huge, InAWhile()).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(WireTest, ALengthThatNoMessageHasIsRefusedBeforeItIsWaitedFor) {
  SendRaw("GET / HTTP/1.1\r\n");
  const absl::Status refused = b_->Receive(InAWhile()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("542393671 bytes"));  // "GET "
}

TEST_F(WireTest, WhoIsGoneIsSaidToBeGone) {
  a_.reset();
  EXPECT_EQ(b_->Receive(InAWhile()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(b_->Send(Kind::kReady, Empty(), InAWhile()).code(), absl::StatusCode::kUnavailable);
}

TEST_F(WireTest, WhoDiesInTheMiddleOfAMessageIsGoneToo) {
  for (const absl::string_view begun :
       {absl::string_view("\x05", 1), absl::string_view("\x05\0\0\0\x01", 5),
        absl::string_view("\x05\0\0\0\x01half", 9)}) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    a_ = std::make_unique<Wire>(UniqueFd(ends[0]));
    b_ = std::make_unique<Wire>(UniqueFd(ends[1]));
    SendRaw(begun);
    a_.reset();
    EXPECT_EQ(b_->Receive(InAWhile()).status().code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(WireTest, WhoSaysNothingIsWaitedForUntilTheDeadline) {
  EXPECT_EQ(b_->Receive(Clock::now() + 20ms).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(b_->Receive(Clock::now() - 1s).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(WireTest, WhoHearsNothingIsWaitedForUntilTheDeadline) {
  const Refusal large = WithReason(std::string(8'000'000, 'l'));
  EXPECT_EQ(a_->Send(Kind::kMount, large, Clock::now() + 20ms).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(WireTest, ARefusalIsAFailedPreconditionWithItsReason) {
  ASSERT_TRUE(a_->Send(Kind::kRefusal, WithReason("no room"), InAWhile()).ok());
  const absl::Status refused = b_->Expect(Kind::kOffer, InAWhile()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(), "no room");
}

// It was said of a mount, whose name is the source's own.
TEST_F(WireTest, AReasonNeedNotBeUtf8) {
  ASSERT_TRUE(a_->Send(Kind::kRefusal, WithReason("no room for /caf\xe9"), InAWhile()).ok());
  EXPECT_EQ(b_->Expect(Kind::kOffer, InAWhile()).status().message(), "no room for /caf\xe9");
}

TEST_F(WireTest, ARefusalThatCannotBeReadIsOneAllTheSame) {
  SendRaw(absl::string_view("\x02\0\0\0\x12\xff\xff", 7));
  EXPECT_EQ(b_->Expect(Kind::kOffer, InAWhile()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(WireTest, AnyOtherMessageThanTheOneThatIsDueIsAnError) {
  ASSERT_TRUE(a_->Send(Kind::kReady, Empty(), InAWhile()).ok());
  ASSERT_TRUE(a_->Send(Kind::kCommit, Empty(), InAWhile()).ok());
  const absl::Status refused = b_->Expect(Kind::kCommit, InAWhile()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("kind 14"));
  EXPECT_TRUE(b_->Expect(Kind::kCommit, InAWhile()).ok());
}

// The limit of open files is met: a hand-over of half the listeners would be none.
TEST_F(WireTest, DescriptorsThatFindNoRoomAreAnError) {
  const Told told;
  const std::vector<int> fds(200, told.read.get());
  ASSERT_TRUE(a_->Send(Kind::kPassports, Empty(), fds, InAWhile()).ok());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{.rlim_cur = 50, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const absl::Status refused = b_->Receive(InAWhile()).status();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.message(), HasSubstr("limit of open files"));
}

TEST_F(WireTest, TheProcessAtTheOtherEndIsKnown) { EXPECT_EQ(a_->peer_pid(), getpid()); }

}  // namespace
}  // namespace floe::handover
