// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/dial.h"

#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dial/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "shard/call.h"
#include "unit/dial/far_end.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::dial {
namespace {

using testing::HasSubstr;
using Kind = FarEnd::Kind;

// A shard that dials while the test waits.
class DialTest : public testing::Test {
 protected:
  struct Outcome {
    absl::Status status;
    Address peer;
    milliseconds took{0};
  };

  DialTest() { EXPECT_TRUE(pool_.Start(1).ok()); }

  void Begin(std::vector<sockaddr_storage> addresses, milliseconds time) {
    shard::CallOne(shard_->get(), *waker_, [&](shard::Shard& shard) {
      EXPECT_TRUE(shard.Spawn(RunAny(*this, shard, addresses, Clock::now() + time)));
    });
  }
  Outcome End() {
    ended_->wait();
    EXPECT_EQ(DescriptorsLeft(), 0u) << "attempts that lost leave a socket behind";
    return outcome_;
  }
  Outcome DialAnyOf(std::vector<sockaddr_storage> addresses, milliseconds time = 5'000ms) {
    Begin(std::move(addresses), time);
    return End();
  }
  Outcome DialHost(std::string host, uint16_t port) {
    shard::CallOne(shard_->get(), *waker_, [&](shard::Shard& shard) {
      EXPECT_TRUE(shard.Spawn(RunHost(*this, shard, host, port)));
    });
    return End();
  }
  void Interrupt() {
    shard::CallOne(shard_->get(), *waker_,
                   [this](shard::Shard& shard) { shard.io().Interrupt(&outcome_); });
  }

  uint32_t DescriptorsLeft() {
    uint32_t left = 0;
    shard::CallOne(shard_->get(), *waker_,
                   [&](shard::Shard& shard) { left = shard.ring().direct_fds_open(); });
    return left;
  }

  static void Note(DialTest& test, Instant begun, absl::StatusOr<Dialled> dialled) {
    test.outcome_.status = dialled.status();
    if (dialled.ok()) test.outcome_.peer = dialled->peer;
    test.outcome_.took = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
  }
  static ring::Task<> RunAny(DialTest& test, shard::Shard& shard,
                             std::vector<sockaddr_storage> addresses, Instant by) {
    const Instant begun = Clock::now();
    Note(test, begun, co_await DialAny(shard, std::move(addresses), by, &test.outcome_));
    test.ended_->count_down();
  }
  static ring::Task<> RunHost(DialTest& test, shard::Shard& shard, std::string host,
                              uint16_t port) {
    const Instant begun = Clock::now();
    const Instant by = begun + 20s;
    Note(test, begun, co_await Dial(shard, test.pool_, std::move(host), port, by, &test.outcome_));
    test.ended_->count_down();
  }

  shard::WorkerPool pool_;
  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  Outcome outcome_;
  std::unique_ptr<std::latch> ended_ = std::make_unique<std::latch>(1);
  std::unique_ptr<shard::ShardOnThread> shard_ =
      std::make_unique<shard::ShardOnThread>(/*turns=*/true);
};

TEST_F(DialTest, TheFirstAddressThatAnswersIsTaken) {
  const FarEnd v4, v6(Kind::kAnswers, AF_INET6);
  const Outcome outcome = DialAnyOf({v6.address(), v4.address()});
  EXPECT_EQ(outcome.status, absl::OkStatus());
  EXPECT_EQ(outcome.peer.HostAndPort(), absl::StrCat("[::1]:", v6.port()));
}

TEST_F(DialTest, AfterARefusalTheNextIsTriedAtOnce) {
  const FarEnd refuses(Kind::kRefuses), answers;
  const Outcome outcome = DialAnyOf({refuses.address(), answers.address()});
  EXPECT_EQ(outcome.status, absl::OkStatus());
  EXPECT_EQ(outcome.peer.port, answers.port());
  EXPECT_LT(outcome.took, kNextAttemptAfter);
}

TEST_F(DialTest, BesideOneThatIsSilentTheNextIsTriedSoon) {
  const FarEnd silent(Kind::kIsSilent), silent_too(Kind::kIsSilent), answers;
  const Outcome outcome =
      DialAnyOf({silent.address(), silent_too.address(), answers.address()}, 60'000ms);
  EXPECT_EQ(outcome.status, absl::OkStatus());
  EXPECT_EQ(outcome.peer.port, answers.port());
  EXPECT_GE(outcome.took, 2 * kNextAttemptAfter);
}

TEST_F(DialTest, WhenNobodyAnswersItIsSaidOfEachAddress) {
  const FarEnd refuses(Kind::kRefuses), silent(Kind::kIsSilent);
  const Outcome outcome = DialAnyOf({silent.address(), refuses.address()}, 400ms);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(outcome.status.message()),
              HasSubstr(absl::StrCat("127.0.0.1:", refuses.port(), ": Connection refused")));
  EXPECT_THAT(std::string(outcome.status.message()),
              HasSubstr(absl::StrCat("127.0.0.1:", silent.port(), ": no answer")));
}

TEST_F(DialTest, AnInterruptionEndsAllAttempts) {
  const FarEnd silent(Kind::kIsSilent), silent_too(Kind::kIsSilent);
  Begin({silent.address(), silent_too.address()}, 60'000ms);
  Interrupt();
  const Outcome outcome = End();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kCancelled);
  EXPECT_LT(outcome.took, 10s);
}

TEST_F(DialTest, AStopEndsAllAttempts) {
  const FarEnd silent(Kind::kIsSilent);
  Begin({silent.address()}, 60'000ms);
  shard_.reset();  // which waits until all has ended
  EXPECT_TRUE(ended_->try_wait());
  EXPECT_EQ(outcome_.status.code(), absl::StatusCode::kCancelled);
}

TEST_F(DialTest, AHostIsANameOrAnAddressOfEitherFamily) {
  const FarEnd v4, v6(Kind::kAnswers, AF_INET6);
  EXPECT_EQ(DialHost("127.0.0.1", v4.port()).status, absl::OkStatus());
  ended_ = std::make_unique<std::latch>(1);
  EXPECT_EQ(DialHost("::1", v6.port()).status, absl::OkStatus());
  ended_ = std::make_unique<std::latch>(1);
  EXPECT_EQ(DialHost("localhost", v4.port()).status, absl::OkStatus());
}

TEST_F(DialTest, AHostThatDoesNotExistIsSaidToHaveNoAddress) {
  const Outcome outcome = DialHost("no-such-host.invalid", 80);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(outcome.status.message()),
              HasSubstr("no address of no-such-host.invalid: "));
}

TEST(InTurns, FamiliesAreTriedInTurn) {
  const auto of = [](sa_family_t family, uint16_t port) {
    sockaddr_storage address{};
    address.ss_family = family;
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
    return address;
  };
  std::vector<sockaddr_storage> sorted = {of(AF_INET6, 1), of(AF_INET6, 2), of(AF_INET6, 3),
                                          of(AF_INET, 4)};
  std::vector<uint16_t> ports;
  for (const sockaddr_storage& address : InTurns(sorted)) {
    ports.push_back(Address::From(address).port);
  }
  EXPECT_THAT(ports, testing::ElementsAre(1, 4, 2, 3));
  for (uint16_t port = 5; port < 20; ++port) sorted.push_back(of(AF_INET, port));
  EXPECT_EQ(InTurns(sorted).size(), kAddressesMax);
  EXPECT_TRUE(InTurns({}).empty());
}

}  // namespace
}  // namespace floe::dial
