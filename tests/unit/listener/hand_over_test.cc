// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A shard that stands still, and its listeners on a shard of the next process: to the byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "listener/fan_out.h"
#include "unit/listener/mounted.h"
#include "unit/mount/station.h"

namespace floe::listener {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const FanOutOptions kOptions{.interval = 20ms, .client_timeout = 10s, .capacity = 8};

// A shard before and one after, and what is heard from either.
class HandOver : public testing::Test {
 protected:
  ListenerSlot Join(uint32_t metaint_bytes = 0) {
    return before_.Join({.mount = mounted_.ref(), .fd = FdSlot(7), .metaint_bytes = metaint_bytes},
                        now_);
  }
  SendOrder TurnWithOneOrder() {
    before_.Turn(now_ += 10ms);
    EXPECT_THAT(before_.orders(), SizeIs(1));
    const SendOrder order = before_.orders()[0];
    before_.Consumed();
    return order;
  }
  // The next `bytes` that the one listener of `fan_out` hears, or all there are.
  std::string Hear(FanOut& fan_out, size_t bytes = SIZE_MAX) {
    std::string heard;
    for (int i = 0; i < 20 && heard.size() < bytes; ++i) {
      fan_out.Turn(now_ += 10ms);
      const std::vector<SendOrder> orders(fan_out.orders().begin(), fan_out.orders().end());
      for (const SendOrder& order : orders) {
        std::string sent;
        for (const iovec& piece : fan_out.pieces(order)) {
          sent.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
        }
        sent.resize(std::min(sent.size(), bytes - heard.size()));
        heard += sent;
        const SendOutcome taken{.sent_bytes = uint32_t(sent.size())};
        fan_out.OnSent(order.listener, order.generation, taken, now_);
      }
      departed_.assign(fan_out.departures().begin(), fan_out.departures().end());
      fan_out.Consumed();
      if (!departed_.empty()) break;
    }
    return heard;
  }
  // A new shard that has the view of `from` which that listener is on.
  MountSlot RestoreView(const FanOut& from, ListenerSlot slot, FanOut& to) {
    MountSlot restored = kNoSlot<MountSlot>;
    from.ForEachView([&](MountSlot view, const View& seen) {
      if (view != from.at(slot).mount) return;
      restored = to.RestoreView({mounted_.ref(), mounted_.ref()}, seen.state(now_), {}, now_);
    });
    return restored;
  }
  // Has the listener go on in `next_`.
  ListenerSlot Move(ListenerSlot slot) {
    before_.Freeze();
    EXPECT_TRUE(before_.IsSettled());
    next_.Freeze();
    const MountSlot view = RestoreView(before_, slot, next_);
    const auto moved = next_.Restore(before_.StateOf(slot, now_), view, FdSlot(9), now_);
    EXPECT_TRUE(moved.ok()) << moved.status();
    return moved.ok() ? *moved : kNoSlot<ListenerSlot>;
  }

  Instant now_{100s};
  Mounted mounted_{{.burst = 0ms, .history = 30s}};
  FanOut before_{kOptions};
  FanOut next_{kOptions};
  std::vector<Departure> departed_;
};

TEST_F(HandOver, AFrozenShardOrdersNothingAndAThawedOneAllThatIsDue) {
  mounted_.Publish("frame");
  Join();
  before_.Freeze();
  EXPECT_TRUE(before_.is_frozen());
  EXPECT_TRUE(before_.IsSettled());
  EXPECT_EQ(before_.NextTurn(now_), std::nullopt);
  EXPECT_EQ(Hear(before_), "");
  before_.Thaw();
  EXPECT_EQ(before_.NextTurn(now_), now_);
  EXPECT_EQ(Hear(before_), "frame");
}

TEST_F(HandOver, WhatIsInFlightIsCancelledAndSettledWithItsResult) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  const SendOrder order = TurnWithOneOrder();
  before_.Freeze();
  EXPECT_FALSE(before_.IsSettled());
  ASSERT_THAT(before_.cancels(), SizeIs(1));
  EXPECT_EQ(before_.cancels()[0].generation, order.generation);
  before_.Consumed();
  EXPECT_FALSE(before_.IsSettled()) << "the result is still to come";
  before_.OnSent(slot, order.generation, {.sent_bytes = 2, .error = 0}, now_);
  EXPECT_TRUE(before_.IsSettled());
  before_.Thaw();
  EXPECT_EQ(Hear(before_), "ame");
}

TEST_F(HandOver, ASendThatWasCancelledBeforeItTookAnythingIsMadeElsewhere) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  const SendOrder order = TurnWithOneOrder();
  before_.Freeze();
  before_.Consumed();
  before_.OnSent(slot, order.generation, {.sent_bytes = 0, .error = ECANCELED}, now_);
  Move(slot);
  next_.Thaw();
  EXPECT_EQ(Hear(next_), "frame");
}

// What a listener of 300 bytes of audio hears whose intro is "welcome ", moved after so many bytes.
class HandOverOfIntro : public HandOver {
 protected:
  std::string HeardWhenMovedAfter(size_t bytes, uint32_t metaint_bytes) {
    const absl::string_view text = "welcome ";
    FanOut before(kOptions), next(kOptions);
    const ListenerSlot slot = before.Join(
        {.mount = mounted_.ref(),
         .fd = FdSlot(7),
         .metaint_bytes = metaint_bytes,
         .intro = mount::Preamble::Copy(std::as_bytes(std::span(text.data(), text.size())))},
        now_);
    std::string heard = bytes == 0 ? "" : Hear(before, bytes);
    before.Freeze();
    next.Freeze();
    const auto moved =
        next.Restore(before.StateOf(slot, now_), RestoreView(before, slot, next), FdSlot(9), now_);
    EXPECT_TRUE(moved.ok()) << moved.status();
    next.Thaw();
    return heard + Hear(next);
  }
};

TEST_F(HandOverOfIntro, GoesOnAtTheVeryByte) {
  mounted_.Title("Blue");
  mounted_.Publish(std::string(300, 'a'));
  for (const uint32_t metaint_bytes : {0u, 3u, 5u, 100u}) {
    const std::string whole = HeardWhenMovedAfter(0, metaint_bytes);
    EXPECT_TRUE(absl::StartsWith(whole, "wel"));
    for (size_t bytes = 1; bytes < 40; ++bytes) {
      EXPECT_EQ(HeardWhenMovedAfter(bytes, metaint_bytes), whole) << metaint_bytes << " " << bytes;
    }
  }
}

TEST_F(HandOver, AnIntroThatIsNotThereIsRefused) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  before_.Freeze();
  next_.Freeze();
  const MountSlot view = RestoreView(before_, slot, next_);
  ListenerState state = before_.StateOf(slot, now_);
  state.intro = kIntroBit;
  state.intro_left_bytes = 1;
  EXPECT_THAT(next_.Restore(state, view, FdSlot(9), now_).status().message(), HasSubstr("intro"));
}

TEST_F(HandOver, ItIsNotSettledWhileSomebodyHasYetToBeToldWhoLeft) {
  const ListenerSlot slot = Join();
  before_.Leave(slot, Leaving::kKicked, now_);
  before_.Freeze();
  EXPECT_FALSE(before_.IsSettled());
  before_.Consumed();
  EXPECT_TRUE(before_.IsSettled());
}

TEST_F(HandOver, ANoticeThatIsStillToComeHoldsItsPagesAndNothingElse) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  const SendOrder order = TurnWithOneOrder();
  before_.OnSent(slot, order.generation, {.sent_bytes = 5, .error = 0, .releases_memory = false},
                 now_);
  before_.Freeze();
  EXPECT_TRUE(before_.IsSettled());
  EXPECT_EQ(before_.StateOf(slot, now_).position_bytes, 5u);
  std::vector<uint32_t> pinned;
  before_.ForEachView([&](MountSlot, const View& view) {
    view.pages().ForEachPinned([&](uint32_t number, PageSlot) { pinned.push_back(number); });
  });
  EXPECT_THAT(pinned, ElementsAre(0));
  before_.LetGo(now_);
  EXPECT_THAT(before_.departures(), IsEmpty());
  before_.OnNotice(slot, order.generation, now_);
  EXPECT_THAT(before_.departures(), ElementsAre(Field(&Departure::leaving, Leaving::kHandedOver)));
}

TEST_F(HandOver, WhoIsLetGoDepartsFromWhereverItIs) {
  mounted_.Publish("frame");
  Join();
  Hear(before_);  // is due later, or waits for more
  Join();         // has not been served yet
  ASSERT_EQ(mounted_.mount().listeners.load(), 2u);
  before_.Freeze();
  before_.LetGo(now_);
  const auto is_handed_over = Field(&Departure::leaving, Leaving::kHandedOver);
  EXPECT_THAT(before_.departures(), ElementsAre(is_handed_over, is_handed_over));
  EXPECT_EQ(before_.listeners(), 0u);
  EXPECT_EQ(mounted_.mount().listeners.load(), 0u);
}

// Preamble, audio, a title's block, audio, an empty block ...: cut at every byte of it.
TEST_F(HandOver, WhereverAListenerIsItGoesOnAtTheNextByte) {
  const std::string headers = "HEADERS";
  mounted_.writer().BeginLink(std::as_bytes(std::span(headers)));
  mounted_.Title("Ice - Floe");
  mounted_.Publish("0123456789abcdefghijklmnopqrstuvwxyz", /*needs_preamble=*/true);
  Join(/*metaint_bytes=*/16);
  const std::string whole = Hear(before_);
  ASSERT_THAT(whole, HasSubstr("HEADERS0123456789abcdef"));
  ASSERT_THAT(whole, HasSubstr("Ice - Floe"));
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    FanOut before(kOptions), next(kOptions);
    const auto slot = before.Join({.mount = mounted_.ref(), .metaint_bytes = 16}, now_);
    const std::string heard = cut > 0 ? Hear(before, cut) : "";
    before.Freeze();
    next.Freeze();
    const ListenerState state = before.StateOf(slot, now_);
    const auto moved = next.Restore(state, RestoreView(before, slot, next), FdSlot(1), now_);
    ASSERT_TRUE(moved.ok()) << cut << ": " << moved.status();
    EXPECT_EQ(next.StateOf(*moved, now_), state) << cut;
    EXPECT_EQ(state.sent_bytes, cut);
    next.Thaw();
    EXPECT_EQ(heard + Hear(next), whole) << cut;
  }
}

TEST_F(HandOver, ATitleAndAPreambleThatTheMountForgotAreFinishedAllTheSame) {
  const std::string headers = "HEADERS";
  mounted_.writer().BeginLink(std::as_bytes(std::span(headers)));
  mounted_.Title("forgotten");
  mounted_.Publish("0123456789", /*needs_preamble=*/true);
  const ListenerSlot within_preamble = Join(/*metaint_bytes=*/4);
  ASSERT_EQ(Hear(before_, 3), "HEA");
  for (uint32_t i = 0; i < 2 * kTitlesKept; ++i) {
    mounted_.writer().BeginLink({});
    mounted_.Title(absl::StrCat("title ", i));
    mounted_.Publish("more");
  }
  ASSERT_FALSE(mounted_.mount().PreambleOf(before_.at(within_preamble).link));
  Move(within_preamble);
  next_.Thaw();
  EXPECT_EQ(Hear(next_, 8), "DERS0123");
}

TEST_F(HandOver, WhatAListenerWentThroughIsNotForgotten) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  const SendOrder order = TurnWithOneOrder();
  before_.OnSent(slot, order.generation, {.sent_bytes = 0, .error = EAGAIN}, now_);
  now_ += 3s;
  before_.Freeze();
  const ListenerState state = before_.StateOf(slot, now_);
  EXPECT_TRUE(state.is_stalled);
  EXPECT_EQ(state.stalled, 3s);
  EXPECT_EQ(state.listened, 3s + 10ms);
  const ListenerSlot moved = Move(slot);
  EXPECT_EQ(next_.StateOf(moved, now_), state);
  EXPECT_EQ(next_.at(moved).fd, FdSlot(9));
}

TEST_F(HandOver, WhoTookNothingForLongIsDroppedAsSoonAsItWouldHaveBeen) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  const SendOrder order = TurnWithOneOrder();
  before_.OnSent(slot, order.generation, {.sent_bytes = 0, .error = EAGAIN}, now_);
  now_ += kOptions.client_timeout - 1s;
  Move(slot);
  next_.Thaw();
  now_ += 1s;
  next_.Turn(now_);
  ASSERT_THAT(next_.orders(), SizeIs(1));
  const SendOrder again = next_.orders()[0];
  next_.Consumed();
  next_.OnSent(again.listener, again.generation, {.sent_bytes = 0, .error = EAGAIN}, now_);
  EXPECT_THAT(next_.departures(), ElementsAre(Field(&Departure::leaving, Leaving::kStalled)));
}

TEST_F(HandOver, ListenersAreDueWhenTheyWereDue) {
  const FanOutOptions slow{.interval = 1'000ms, .capacity = 100};
  FanOut before(slow), next(slow);
  std::vector<ListenerSlot> slots;
  for (int i = 0; i < 100; ++i) slots.push_back(before.Join({.mount = mounted_.ref()}, now_));
  mounted_.Publish("frame");
  before.Turn(now_ += 10ms);
  const std::vector<SendOrder> orders(before.orders().begin(), before.orders().end());
  before.Consumed();
  for (const SendOrder& order : orders) {
    before.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now_);
  }
  now_ += 200ms;
  before.Freeze();
  next.Freeze();
  const MountSlot view = RestoreView(before, slots[0], next);
  for (const ListenerSlot slot : slots) {
    const ListenerState state = before.StateOf(slot, now_);
    EXPECT_GT(state.due_in, 0ms);
    const auto moved = next.Restore(state, view, FdSlot(1), now_);
    ASSERT_TRUE(moved.ok()) << moved.status();
    EXPECT_EQ(next.StateOf(*moved, now_).due_in, state.due_in);
  }
  EXPECT_EQ(next.listeners(), 100u);
}

TEST_F(HandOver, WhoWaitsForAPlaceToBeginBeginsThere) {
  const ListenerSlot slot = Join();
  before_.Turn(now_ += 10ms);
  ASSERT_TRUE(before_.StateOf(slot, now_).awaits_sync);
  Move(slot);
  next_.Thaw();
  mounted_.Publish("first");
  EXPECT_EQ(Hear(next_), "first");
}

TEST_F(HandOver, AListenerIsCountedAsOneWhoIsHereAndNotAsOneWhoCame) {
  mounted_.Publish("frame");
  const ListenerSlot slot = Join();
  Move(slot);
  EXPECT_EQ(mounted_.mount().listeners.load(), 2u);  // one on either side
  EXPECT_EQ(mounted_.mount().listener_connections.load(), 1u);
  EXPECT_EQ(next_.counters().joins, 0u);
  before_.LetGo(now_);
  EXPECT_EQ(mounted_.mount().listeners.load(), 1u);
}

// A mount whose source was taken over by one of another type: those of before are still sent the
// rest of it, beside those who hear what is new.
TEST(HandOverOfViews, AnEndedViewGoesOverBesideTheOneThatGoesOn) {
  mount::Station station;
  station.settings.burst = 0ms;
  const auto mp3 = station.Connect("/live");
  mount::PlayFrame(*mp3, 100);
  const mount::MountRef mount = station.registry().Find("/live");
  Instant now = station.now;
  FanOut before(kOptions), next(kOptions);
  const ListenerSlot old = before.Join({.mount = mount.Share()}, now);
  const auto ogg = station.Connect("/live", "audio/ogg", {.takeover = true});
  before.Turn(now += 10ms);
  before.Consumed();
  before.OnSent(old, before.at(old).generation, {.sent_bytes = 40}, now);
  mount::PlayFrame(*ogg, 50);
  const ListenerSlot newer = before.Join({.mount = mount.Share()}, now);
  ASSERT_NE(before.at(old).mount, before.at(newer).mount);

  before.Freeze();
  next.Freeze();
  std::vector<MountSlot> views(2);
  before.ForEachView([&](MountSlot slot, const View& view) {
    views[Index(slot)] = next.RestoreView({mount.Share(), mount.Share()}, view.state(now), {}, now);
  });
  EXPECT_EQ(next.mounts(), 2u);
  for (const ListenerSlot slot : {old, newer}) {
    const MountSlot view = views[Index(before.at(slot).mount)];
    ASSERT_TRUE(next.Restore(before.StateOf(slot, now), view, FdSlot(Index(slot)), now).ok());
  }
  next.Thaw();
  const ListenerSlot newest = next.Join({.mount = mount.Share(), .fd = FdSlot(5)}, now);
  EXPECT_EQ(next.mounts(), 2u) << "who joins is on the view that goes on";
  std::vector<uint32_t> sent_bytes(6);
  std::vector<Departure> departed;
  for (int i = 0; i < 10; ++i) {
    next.Turn(now += 10ms);
    departed.insert(departed.end(), next.departures().begin(), next.departures().end());
    const std::vector<SendOrder> orders(next.orders().begin(), next.orders().end());
    next.Consumed();
    for (const SendOrder& order : orders) {
      sent_bytes[Index(order.fd)] += order.bytes;
      next.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now);
    }
  }
  EXPECT_EQ(sent_bytes[Index(old)], 60u);
  EXPECT_EQ(sent_bytes[Index(newer)], 50u);
  EXPECT_EQ(sent_bytes[Index(next.at(newest).fd)], 50u);
  EXPECT_THAT(departed, ElementsAre(Field(&Departure::leaving, Leaving::kTypeChanged)));
}

// What no listener comes to: who says so is damaged, or no floe at all.
class ImpossibleListener : public HandOver {
 protected:
  ImpossibleListener() {
    const std::string headers = "HEADERS";
    mounted_.writer().BeginLink(std::as_bytes(std::span(headers)));
    mounted_.Title("title");
    mounted_.Publish("0123456789", /*needs_preamble=*/true);
  }
  // The state of a listener that has heard so much.
  ListenerState StateAfter(size_t heard_bytes) {
    slot_ = Join(/*metaint_bytes=*/4);
    Hear(before_, heard_bytes);
    before_.Freeze();
    return before_.StateOf(slot_, now_);
  }
  // It is refused with a word of what is wrong, and leaves nothing behind.
  void ExpectRefused(ListenerState state, const std::function<void(ListenerState*)>& change,
                     absl::string_view because) {
    FanOut next(kOptions);
    next.Freeze();
    const MountSlot view = RestoreView(before_, slot_, next);
    const uint32_t listeners = mounted_.mount().listeners.load();
    const ListenerState possible = state;
    change(&state);
    const auto refused = next.Restore(state, view, FdSlot(1), now_);
    ASSERT_FALSE(refused.ok()) << because;
    EXPECT_THAT(refused.status().message(), HasSubstr(because));
    EXPECT_EQ(next.listeners(), 0u);
    EXPECT_EQ(mounted_.mount().listeners.load(), listeners);
    next.ForEachView([&](MountSlot, const View& seen) {
      EXPECT_THAT(seen.state(now_).titles, IsEmpty()) << because;
      EXPECT_THAT(seen.state(now_).preambles, IsEmpty()) << because;
    });
    EXPECT_TRUE(next.Restore(possible, view, FdSlot(1), now_).ok()) << "its place is free";
  }

  static constexpr size_t kWithinPreamble = 3, kWithinBlock = 7 + 4 + 5, kWithinAudio = 7 + 2;
  ListenerSlot slot_ = kNoSlot<ListenerSlot>;
};

TEST_F(ImpossibleListener, BeyondWhatIsPublished) {
  ExpectRefused(
      StateAfter(kWithinAudio), [](auto* state) { state->position_bytes = 11; },
      "at 11, beyond the 10 bytes");
}

TEST_F(ImpossibleListener, ABlockThatIsDueLaterThanMetaint) {
  ExpectRefused(
      StateAfter(kWithinAudio), [](auto* state) { state->metadata_due_bytes = 5; },
      "due later than metaint");
}

TEST_F(ImpossibleListener, WithinATitleThatIsNotThere) {
  const ListenerState state = StateAfter(kWithinBlock);
  ASSERT_GT(state.block_sent_bytes, 0u);
  const char because[] = "the title it is in the middle of";
  ExpectRefused(
      state, [](auto* changed) { changed->block_title = 2; }, because);
  ExpectRefused(
      state, [](auto* changed) { changed->block_title = 0; }, because);
  ExpectRefused(
      state, [](auto* changed) { changed->block_sent_bytes = 4081; }, because);
  ExpectRefused(
      state, [](auto* changed) { changed->metadata_due_bytes = 1; }, because);
}

TEST_F(ImpossibleListener, WithinATitleThoughItHearsNone) {
  ExpectRefused(
      StateAfter(kWithinBlock), [](auto* state) { state->metaint_bytes = 0; }, "title");
}

// Another's preamble was let go of, or none: outside of all that are kept.
TEST_F(ImpossibleListener, PastTheEndOfThePreambleItIsIn) {
  ExpectRefused(
      StateAfter(kWithinPreamble), [](auto* state) { state->preamble_sent_bytes = 7; },
      "more than the preamble");
}

TEST_F(ImpossibleListener, WithinAPreambleThatIsNotThere) {
  ExpectRefused(
      StateAfter(kWithinPreamble), [](auto* state) { state->link = 99; },
      "the preamble it is in the middle of");
}

// It began elsewhere, and then read the preamble of where it began as if it were held.
TEST_F(ImpossibleListener, InTheMiddleOfSomethingAndWaitingForAPlaceToBegin) {
  ExpectRefused(
      StateAfter(kWithinPreamble), [](auto* state) { state->awaits_sync = true; },
      "waits for a place");
}

// Such times overflowed when they were counted from now.
TEST_F(ImpossibleListener, TimesBelowNothingOrBeyondACentury) {
  const ListenerState state = StateAfter(kWithinAudio);
  for (const milliseconds time : {milliseconds(-1), milliseconds::min(), milliseconds::max()}) {
    ExpectRefused(
        state, [&](auto* changed) { changed->listened = time; }, "a time of it");
    ExpectRefused(
        state, [&](auto* changed) { changed->stalled = time; }, "a time of it");
    ExpectRefused(
        state, [&](auto* changed) { changed->due_in = time; }, "a time of it");
  }
}

TEST_F(ImpossibleListener, MoreThanThereIsRoomFor) {
  const ListenerState state = StateAfter(kWithinAudio);
  FanOut small({.capacity = 1});
  small.Freeze();
  const MountSlot view = RestoreView(before_, slot_, small);
  ASSERT_TRUE(small.Restore(state, view, FdSlot(1), now_).ok());
  EXPECT_EQ(small.Restore(state, view, FdSlot(2), now_).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(small.listeners(), 1u);
}

// The mount came to that title itself, and a listener let go of the one that it did not hold.
TEST_F(ImpossibleListener, ATitleThatTheMountHasYetToComeTo) {
  StateAfter(kWithinAudio);
  next_.Freeze();
  ViewState state;
  state.titles.push_back({.sequence = 2, .holders = 0, .offset_bytes = 0, .block = {std::byte{0}}});
  (void)next_.RestoreView({mounted_.ref(), mounted_.ref()}, state, {}, now_);
  next_.ForEachView([](MountSlot, const View& view) {
    EXPECT_TRUE(view.titles().Knows(1));
    EXPECT_FALSE(view.titles().Knows(2));
  });
}

}  // namespace
}  // namespace floe::listener
