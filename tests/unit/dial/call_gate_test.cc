// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/call_gate.h"

#include <array>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ring/waker.h"
#include "shard/call.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::dial {
namespace {

using testing::ElementsAre;

// Callers, by number, at the gate of a shard that turns.
class CallGateTest : public testing::Test {
 protected:
  template <typename Work>
  void OnShard(Work&& work) {
    shard::CallOne(shard_->get(), *waker_, work);
  }
  static ring::Task<> Call(CallGateTest& test, ring::Io& io, std::string place, int number) {
    const void* owner = &test.owners_[number];
    const absl::Status enters = co_await test.gate_.Enter(io, std::move(place), owner);
    (enters.ok() ? test.entered_ : test.turned_away_).push_back(number);
    test.answered_[number].count_down();
  }
  void Calls(const std::string& place, std::vector<int> numbers) {
    OnShard([&](shard::Shard& shard) {
      for (const int number : numbers) {
        EXPECT_TRUE(shard.Spawn(Call(*this, shard.io(), place, number)));
      }
    });
  }
  void Leaves(int number) {
    OnShard([&](shard::Shard& shard) { gate_.Leave(shard.io(), &owners_[number]); });
  }
  void Interrupt(int number) {
    OnShard([&](shard::Shard& shard) { shard.io().Interrupt(&owners_[number]); });
  }
  std::vector<int> Entered() {
    std::vector<int> entered;
    OnShard([&](shard::Shard&) { entered = entered_; });
    return entered;
  }
  std::vector<int> TurnedAway() {
    std::vector<int> away;
    OnShard([&](shard::Shard&) { away = turned_away_; });
    return away;
  }

  CallGate gate_;
  std::array<char, 8> owners_{};
  std::vector<int> entered_, turned_away_;
  std::array<std::latch, 8> answered_{std::latch(1), std::latch(1), std::latch(1), std::latch(1),
                                      std::latch(1), std::latch(1), std::latch(1), std::latch(1)};
  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  std::unique_ptr<shard::ShardOnThread> shard_ =
      std::make_unique<shard::ShardOnThread>(/*turns=*/true);
};

TEST_F(CallGateTest, AFewEnterAtOnceAndTheNextWhenOneLeaves) {
  Calls("origin 8000", {0, 1, 2, 3});
  Leaves(0);
  answered_[2].wait();
  EXPECT_EQ(Entered()[2], 2);
  Leaves(1);
  answered_[3].wait();
  EXPECT_THAT(Entered(), ElementsAre(0, 1, 2, 3));
}

TEST_F(CallGateTest, AnotherPlaceIsNotWaitedFor) {
  Calls("origin 8000", {0, 1});
  Calls("other 8000", {2, 3});
  EXPECT_THAT(Entered(), ElementsAre(0, 1, 2, 3));
}

TEST_F(CallGateTest, OneThatTakesLongGivesWay) {
  Calls("origin 8000", {0, 1, 2, 3, 4});
  answered_[4].wait();  // nobody has left
  EXPECT_THAT(Entered(), ElementsAre(0, 1, 2, 3, 4));
  Leaves(0);
  Leaves(4);
}

TEST_F(CallGateTest, WhoIsInterruptedIsNotWaitedFor) {
  Calls("origin 8000", {0, 1, 2, 3});
  Interrupt(2);
  answered_[2].wait();
  EXPECT_THAT(TurnedAway(), ElementsAre(2));
  Leaves(0);
  answered_[3].wait();
  EXPECT_THAT(Entered(), ElementsAre(0, 1, 3));
}

TEST_F(CallGateTest, AStopTurnsAwayWhoWaits) {
  Calls("origin 8000", {0, 1, 2, 3, 4, 5, 6, 7});
  shard_.reset();  // which waits until all has ended
  EXPECT_THAT(entered_.size() + turned_away_.size(), 8u);
}

}  // namespace
}  // namespace floe::dial
