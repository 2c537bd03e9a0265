// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a shard may rely on. What players may rely on is in tests/sim.
#include "listener/fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "unit/listener/mounted.h"

namespace floe::listener {
namespace {

using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class FanOutTest : public testing::Test {
 protected:
  ListenerSlot Join(uint32_t metaint_bytes = 0) {
    return fan_out_.Join(
        {.mount = mounted_.ref(), .fd = FdSlot(next_fd_++), .metaint_bytes = metaint_bytes}, now_);
  }
  // A turn whose orders are all sent in full.
  void Turn(milliseconds later = 10ms) {
    now_ += later;
    fan_out_.Turn(now_);
    sent_.assign(fan_out_.orders().begin(), fan_out_.orders().end());
    departed_.assign(fan_out_.departures().begin(), fan_out_.departures().end());
    fan_out_.Consumed();
    for (const SendOrder& order : sent_) {
      fan_out_.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now_);
    }
  }

  Instant now_{100s};
  Mounted mounted_{{.burst = 0ms, .history = 0ms}};
  FanOut fan_out_{{.capacity = 1'000}};
  std::vector<SendOrder> sent_;
  std::vector<Departure> departed_;
  uint32_t next_fd_ = 0;
};

TEST_F(FanOutTest, AListenerCostsTwoCacheLines) {
  EXPECT_EQ(sizeof(Listener), 128u);
  EXPECT_EQ(alignof(Listener), 64u);
}

TEST_F(FanOutTest, WhoFindsNoRoomIsToldSo) {
  FanOut small({.capacity = 2});
  EXPECT_NE(small.Join({.mount = mounted_.ref()}, now_), kNoSlot<ListenerSlot>);
  EXPECT_NE(small.Join({.mount = mounted_.ref()}, now_), kNoSlot<ListenerSlot>);
  EXPECT_EQ(small.Join({.mount = mounted_.ref()}, now_), kNoSlot<ListenerSlot>);
  EXPECT_EQ(mounted_.mount().listeners.load(), 2u);
}

TEST_F(FanOutTest, ASlotIsGivenOutAgainOnlyAfterItsDepartureWasConsumed) {
  const ListenerSlot first = Join();
  const uint32_t generation = fan_out_.at(first).generation;
  fan_out_.Leave(first, Leaving::kKicked, now_);
  EXPECT_NE(Join(), first);
  fan_out_.Consumed();
  const ListenerSlot again = Join();
  EXPECT_EQ(again, first);
  EXPECT_NE(fan_out_.at(again).generation, generation);
}

TEST_F(FanOutTest, ALeaverWhoseSendIsInFlightDepartsWhenItHasEnded) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  fan_out_.Turn(now_);
  ASSERT_THAT(fan_out_.orders(), SizeIs(1));
  const SendOrder order = fan_out_.orders()[0];
  fan_out_.Consumed();

  fan_out_.Leave(slot, Leaving::kKicked, now_);
  fan_out_.Leave(slot, Leaving::kStopping, now_);  // the first reason counts
  EXPECT_THAT(fan_out_.departures(), IsEmpty());
  ASSERT_THAT(fan_out_.cancels(), SizeIs(1));
  EXPECT_EQ(fan_out_.cancels()[0].generation, order.generation);
  fan_out_.OnSent(slot, order.generation, {.sent_bytes = 2, .error = 0}, now_);
  ASSERT_THAT(fan_out_.departures(), SizeIs(1));
  EXPECT_EQ(fan_out_.departures()[0].leaving, Leaving::kKicked);
  EXPECT_EQ(mounted_.mount().leaves[size_t(Leaving::kKicked)].load(), 1u);
  EXPECT_EQ(fan_out_.departures()[0].sent_bytes, 2u);
}

TEST_F(FanOutTest, ADepartureWaitsForTheNoticeThatMemoryIsFree) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  fan_out_.Turn(now_);
  const uint32_t generation = fan_out_.orders()[0].generation;
  fan_out_.Consumed();
  fan_out_.OnSent(slot, generation, {.sent_bytes = 5, .error = 0, .releases_memory = false}, now_);
  fan_out_.Leave(slot, Leaving::kKicked, now_);
  ASSERT_THAT(fan_out_.cancels(), SizeIs(1));
  EXPECT_TRUE(fan_out_.cancels()[0].awaits_notice_only);
  EXPECT_THAT(fan_out_.departures(), IsEmpty());
  EXPECT_EQ(fan_out_.in_flight(), 1u);
  fan_out_.OnNotice(slot, generation, now_);
  EXPECT_THAT(fan_out_.departures(), SizeIs(1));
  EXPECT_EQ(fan_out_.in_flight(), 0u);
}

TEST_F(FanOutTest, WhoLeftBeforeTheResultIsAskedForItsNoticeToo) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  fan_out_.Turn(now_);
  const uint32_t generation = fan_out_.orders()[0].generation;
  fan_out_.Consumed();
  fan_out_.Leave(slot, Leaving::kKicked, now_);
  ASSERT_THAT(fan_out_.cancels(), SizeIs(1));
  EXPECT_FALSE(fan_out_.cancels()[0].awaits_notice_only);
  fan_out_.Consumed();
  fan_out_.OnSent(slot, generation, {.sent_bytes = 5, .error = 0, .releases_memory = false}, now_);
  ASSERT_THAT(fan_out_.cancels(), SizeIs(1));
  EXPECT_TRUE(fan_out_.cancels()[0].awaits_notice_only);
  fan_out_.OnNotice(slot, generation, now_);
  EXPECT_THAT(fan_out_.departures(), SizeIs(1));
}

TEST_F(FanOutTest, NobodyIsOrderedASecondSendWhileOneIsInFlight) {
  mounted_.Publish("frame");
  Join();
  fan_out_.Turn(now_);
  EXPECT_THAT(fan_out_.orders(), SizeIs(1));
  for (int i = 0; i < 100; ++i) {
    fan_out_.Consumed();
    mounted_.Publish("more");
    fan_out_.Turn(now_ += 10ms);
    EXPECT_THAT(fan_out_.orders(), IsEmpty());
  }
}

TEST_F(FanOutTest, AnOutcomeThatNobodyAwaitsIsABug) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  Turn();
  EXPECT_DEATH(fan_out_.OnSent(slot, fan_out_.at(slot).generation, {}, now_), "kSending");
}

TEST_F(FanOutTest, AnEmptyShardSleepsAReadyOneTurnsAtOnceAWaitingOneAtTheNextTick) {
  mounted_.Publish("frame");
  EXPECT_EQ(fan_out_.NextTurn(now_), std::nullopt);
  const ListenerSlot slot = Join();
  EXPECT_EQ(fan_out_.NextTurn(now_), now_);
  Turn();
  EXPECT_EQ(fan_out_.NextTurn(now_ + 3ms), now_ + 10ms);
  fan_out_.Leave(slot, Leaving::kKicked, now_);
  EXPECT_EQ(fan_out_.NextTurn(now_), now_);  // somebody is to be told
  fan_out_.Consumed();
  EXPECT_EQ(fan_out_.NextTurn(now_), std::nullopt);
}

TEST_F(FanOutTest, ATurnHasNoMoreOrdersThanItMayAndTheRestComesNext) {
  FanOut narrow({.orders_per_turn_max = 10});
  mounted_.Publish("frame");
  for (int i = 0; i < 25; ++i) (void)narrow.Join({.mount = mounted_.ref()}, now_);
  std::vector<size_t> orders;
  for (int i = 0; i < 4; ++i) {
    narrow.Turn(now_);
    orders.push_back(narrow.orders().size());
    narrow.Consumed();
  }
  EXPECT_THAT(orders, testing::ElementsAre(10, 10, 5, 0));
}

TEST_F(FanOutTest, AShardThatTurnsTooRarelySaysHowFarItLags) {
  mounted_.Publish("frame");
  for (int i = 0; i < 100; ++i) Join();
  for (int i = 0; i < 20; ++i) Turn();
  EXPECT_EQ(fan_out_.lag(), 0ms);
  for (int i = 0; i < 10; ++i) {  // everybody is put back on the wheel, and not served for long
    mounted_.Publish("frame");
    Turn(300ms);
  }
  EXPECT_GE(fan_out_.lag(), 250ms);
}

TEST_F(FanOutTest, AMountKnowsItsListenersAndWhatTheyWereSent) {
  mounted_.Publish("12345");
  const ListenerSlot slot = Join();
  Join();
  Turn();
  Turn();
  EXPECT_EQ(mounted_.mount().listeners.load(), 2u);
  EXPECT_EQ(mounted_.mount().listener_peak.load(), 2u);
  EXPECT_EQ(mounted_.mount().sent_bytes.load(), 10u);
  fan_out_.Leave(slot, Leaving::kKicked, now_);
  EXPECT_EQ(mounted_.mount().listeners.load(), 1u);
  EXPECT_EQ(mounted_.mount().listener_peak.load(), 2u);
  EXPECT_EQ(mounted_.mount().listener_connections.load(), 2u);
}

TEST_F(FanOutTest, AllOfAMountLeaveTogether) {
  Mounted other;
  mounted_.Publish("frame");
  Join();
  Join(100);
  (void)fan_out_.Join({.mount = other.ref(), .fd = FdSlot(77)}, now_);
  fan_out_.LeaveMount(mounted_.mount(), Leaving::kKicked, now_);
  EXPECT_THAT(fan_out_.departures(), SizeIs(2));
  fan_out_.Consumed();
  fan_out_.LeaveAll(Leaving::kStopping, now_);
  ASSERT_THAT(fan_out_.departures(), SizeIs(1));
  EXPECT_EQ(fan_out_.departures()[0].fd, FdSlot(77));
}

TEST_F(FanOutTest, WhoIsHereCanBeListed) {
  const ListenerSlot first = Join();
  const ListenerSlot second = Join();
  const ListenerSlot third = Join();
  fan_out_.Leave(second, Leaving::kKicked, now_);
  std::vector<ListenerSlot> here;
  fan_out_.ForEach([&](ListenerSlot slot, const Listener&) { here.push_back(slot); });
  EXPECT_THAT(here, testing::ElementsAre(first, third));
  EXPECT_EQ(&fan_out_.MountOf(first), &mounted_.mount());
}

TEST_F(FanOutTest, AJoinToAMountThatHasEndedDeparts) {
  mounted_.Publish("frame");
  mount::MountRef ended = mounted_.ref();
  mounted_.End();
  (void)fan_out_.Join({.mount = std::move(ended), .fd = FdSlot(1)}, now_);
  Turn();
  Turn(1s);
  EXPECT_THAT(departed_, testing::ElementsAre(Field(&Departure::leaving, Leaving::kSourceEnded)));
}

// Lapped before its first send, and nothing is owed to it but audio.
TEST_F(FanOutTest, ALinkWithoutHeadersNeedsNoPreamble) {
  mounted_.Publish("frame", /*needs_preamble=*/true);
  Join();
  fan_out_.Turn(now_);
  ASSERT_THAT(fan_out_.orders(), SizeIs(1));
  EXPECT_EQ(fan_out_.orders()[0].bytes, 5u);
  fan_out_.Consumed();

  const ListenerSlot lapped = Join();
  for (int i = 0; i < 100; ++i) mounted_.Publish(std::string(60'000, 'a'), true);
  now_ += 10ms;
  fan_out_.Turn(now_);
  EXPECT_THAT(fan_out_.orders(), SizeIs(1));
  EXPECT_EQ(fan_out_.at(lapped).skips, 1u);
  fan_out_.TellMounts();
  EXPECT_EQ(mounted_.mount().skips.load(), 1u);
}

// Each frame plays 26 ms and is a byte long, so the first send says how much there was of both.
TEST_F(FanOutTest, TheBurstBehindAnIntroIsShorterByItButNotWithoutASyncPoint) {
  Mounted mounted{{.burst = 2'600ms, .history = 10s}};
  for (int i = 0; i < 200; ++i) mounted.Publish("a");
  const auto first_send_bytes = [&](milliseconds intro_played) {
    const absl::string_view text = "intro";
    FanOut fan_out({.capacity = 1});
    (void)fan_out.Join(
        {.mount = mounted.ref(),
         .fd = FdSlot(1),
         .intro = mount::Preamble::Copy(std::as_bytes(std::span(text.data(), text.size()))),
         .intro_played = intro_played},
        now_);
    fan_out.Turn(now_);
    return fan_out.orders()[0].bytes;
  };
  EXPECT_EQ(first_send_bytes(0ms), 5u + 100);
  EXPECT_EQ(first_send_bytes(1'300ms), 5u + 50);
  EXPECT_GT(first_send_bytes(1h), 5u);
  EXPECT_LE(first_send_bytes(1h), 5u + 2);
}

TEST_F(FanOutTest, WhoJoinsBeforeTheAudioHearsTheIntroWithIt) {
  const absl::string_view text = "intro";
  (void)fan_out_.Join(
      {.mount = mounted_.ref(),
       .fd = FdSlot(1),
       .intro = mount::Preamble::Copy(std::as_bytes(std::span(text.data(), text.size())))},
      now_);
  Turn();
  EXPECT_THAT(sent_, testing::IsEmpty());
  mounted_.Publish("audio");
  Turn();
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_EQ(sent_[0].bytes, 10u);
}

// How much a listener of a stream of `bytes_per_tick` is sent at once, when its rate is known.
struct Sends {
  uint32_t smallest = UINT32_MAX;
  uint32_t largest = 0;
};
Sends SendsOf(const FanOutOptions& options, size_t bytes_per_tick, milliseconds burst = 0ms) {
  Mounted mounted{{.burst = burst, .history = 0ms}};
  FanOut fan_out(options);
  Instant now{100s};
  (void)fan_out.Join({.mount = mounted.ref(), .fd = FdSlot(1)}, now);
  Sends sends;
  for (const Instant end = now + 20s; now < end; now += 10ms) {
    mounted.Publish(std::string(bytes_per_tick, 'a'));
    fan_out.Turn(now);
    const std::vector<SendOrder> orders(fan_out.orders().begin(), fan_out.orders().end());
    fan_out.Consumed();
    for (const SendOrder& order : orders) {
      fan_out.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now);
      if (now < end - 10s) continue;
      sends.smallest = std::min(sends.smallest, order.bytes);
      sends.largest = std::max(sends.largest, order.bytes);
    }
  }
  return sends;
}

TEST(SendSize, IsNeverMoreThanHalfOfWhatAPlayerHasInStore) {
  const Sends sends = SendsOf({.interval = 8s}, 40, /*burst=*/4s);  // 4,000 bytes a second
  EXPECT_GE(sends.smallest, 7'600u);
  EXPECT_LE(sends.largest, 8'400u);
}

TEST(SendSize, IsWhatComesInAnInterval) {
  const Sends sends = SendsOf({.interval = 1s}, 160);
  EXPECT_GE(sends.smallest, 15'800u);
  EXPECT_LE(sends.largest, 16'200u);
}

TEST(SendSize, ThatIsALittleTooLargeForTheIdleWindowIsReachedSooner) {
  const Sends sends = SendsOf({.interval = 1s, .idle_window_bytes = 14'000}, 160);
  EXPECT_GE(sends.smallest, 12'000u);
  EXPECT_LE(sends.largest, 14'000u);
}

TEST(SendSize, ThatIsMuchTooLargeForTheIdleWindowIsLeftWhole) {
  const Sends sends = SendsOf({.interval = 1s, .idle_window_bytes = 14'000}, 400);
  EXPECT_GE(sends.smallest, 39'000u);
}

TEST(SendSize, ThatIsTooLargeForOneSendIsReachedSoonerAndNotMadeInPieces) {
  const Sends sends = SendsOf({.interval = 1s, .send_bytes_max = 32 * 1024}, 400);
  EXPECT_GE(sends.smallest, 28'000u);
  EXPECT_LE(sends.largest, 32 * 1024u);
}

// ---- an exact beginning ----

class ExactBeginTest : public FanOutTest {
 protected:
  ExactBeginTest() {
    mounted_.Publish("one-", true);
    mounted_.Publish("two-", true);
  }
  ListenerSlot JoinAt(uint64_t offset_bytes, uint32_t epoch, uint32_t metaint_bytes = 0) {
    tape::SyncPoint at{};
    at.offset_bytes = offset_bytes;
    return JoinAt(at, epoch, metaint_bytes);
  }
  ListenerSlot JoinAt(const tape::SyncPoint& at, uint32_t epoch, uint32_t metaint_bytes = 0) {
    return fan_out_.Join({.mount = mounted_.ref(),
                          .fd = FdSlot(next_fd_++),
                          .metaint_bytes = metaint_bytes,
                          .begin = ExactBegin{epoch, at}},
                         now_);
  }
  // What the listeners are sent within some seconds.
  std::string Heard() {
    std::string heard;
    for (int turn = 0; turn < 300; ++turn) {
      now_ += 10ms;
      fan_out_.Turn(now_);
      const std::vector<SendOrder> orders(fan_out_.orders().begin(), fan_out_.orders().end());
      for (const SendOrder& order : orders) {
        for (const iovec& piece : fan_out_.pieces(order)) {
          heard.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
        }
      }
      fan_out_.Consumed();
      for (const SendOrder& order : orders) {
        fan_out_.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now_);
      }
    }
    return heard;
  }
  uint32_t epoch() { return mounted_.mount().epoch(); }
};

TEST_F(ExactBeginTest, IsAnyByteThatTheTapeHasAndNeedsNoPreamble) {
  ASSERT_NE(JoinAt(2, epoch()), kNoSlot<ListenerSlot>);
  EXPECT_EQ(Heard(), "e-two-");
  mounted_.Publish("three", true);
  EXPECT_EQ(Heard(), "three");
}

TEST_F(ExactBeginTest, MayBeTheEnd) {
  ASSERT_NE(JoinAt(8, epoch()), kNoSlot<ListenerSlot>);
  EXPECT_EQ(Heard(), "");
  mounted_.Publish("three", true);
  EXPECT_EQ(Heard(), "three");
}

TEST_F(ExactBeginTest, IsTheSyncPointThatWasPromisedThoughThereIsANewerOne) {
  const std::optional<tape::SyncPoint> sync = mounted_.mount().tape().NewestSync();
  ASSERT_TRUE(sync.has_value());
  for (int i = 0; i < 10; ++i) mounted_.Publish("more", true);
  ASSERT_NE(JoinAt(*sync, epoch()), kNoSlot<ListenerSlot>);
  const ListenerSlot slot(ListenerSlot(0));
  EXPECT_EQ(fan_out_.at(slot).position_bytes, sync->offset_bytes);
}

TEST_F(ExactBeginTest, BeginsTheCycleOfTitleBlocksAnew) {
  ASSERT_NE(JoinAt(3, epoch(), 4), kNoSlot<ListenerSlot>);
  EXPECT_EQ(Heard(), std::string("-two\0-", 6));
}

TEST_F(ExactBeginTest, ThatIsNotThereIsNoSeat) {
  EXPECT_EQ(JoinAt(9, epoch()), kNoSlot<ListenerSlot>) << "not yet published";
  EXPECT_EQ(JoinAt(2, epoch() + 1), kNoSlot<ListenerSlot>) << "of another epoch";
  EXPECT_EQ(fan_out_.listeners(), 0u);
  EXPECT_EQ(mounted_.mount().listeners.load(), 0u);
  Turn();
  EXPECT_EQ(fan_out_.mounts(), 0u) << "and nobody's view stays";
}

TEST_F(ExactBeginTest, WhoLosesAudioLeavesSinceItCountsOnEveryByte) {
  const ListenerSlot slot = JoinAt(2, epoch());
  ASSERT_NE(slot, kNoSlot<ListenerSlot>);
  const std::string page(kPageBytes, 'x');
  for (int i = 0; i < 3; ++i) mounted_.Publish(page, true);
  mounted_.mount().tape().Trim(0);
  Turn();
  ASSERT_EQ(departed_.size(), 1u);
  EXPECT_EQ(departed_[0].listener, slot);
  EXPECT_EQ(departed_[0].leaving, Leaving::kLagged);
}

TEST_F(ExactBeginTest, ThatTheTapeHasDroppedIsNoSeat) {
  const std::string page(kPageBytes, 'x');
  for (int i = 0; i < 3; ++i) mounted_.Publish(page, true);
  mounted_.mount().tape().Trim(0);
  ASSERT_GT(mounted_.mount().tape().oldest(), 2u);
  EXPECT_EQ(JoinAt(2, epoch()), kNoSlot<ListenerSlot>);
}

}  // namespace
}  // namespace floe::listener
