// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners whose source is gone, and what they hear instead.
#include "unit/listener/moves.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/icy_blocks.h"

namespace floe::listener {
namespace {

using config::FallbackOverride;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using testing::StartsWith;

TEST_F(Moves, WhenTheSourceLeavesItsListenersHearTheRestAndThenTheFallbackAndComeBack) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "old.");
  const ListenerSlot slot = Join("/live");
  const uint32_t generation = fan_out_->at(slot).generation;
  Play();
  Publish("/live", "two.");
  Publish("/backup", "backup 1.");
  Leave("/live");
  Play();
  EXPECT_EQ(Heard(slot), "one.two.backup 1.");
  Publish("/backup", "backup 2.");
  Play();
  EXPECT_EQ(Heard(slot), "backup 2.");

  Connect("/live");
  Play();
  Publish("/backup", "backup 3.");
  Play();
  EXPECT_EQ(Heard(slot), "backup 3.");  // a source of which nothing is heard is not waited for
  Publish("/live", "three.");
  Play();
  Publish("/backup", "backup 4.");
  Publish("/live", "four.");
  Play();
  EXPECT_EQ(Heard(slot), "three.four.");
  EXPECT_THAT(departed_, IsEmpty());
  EXPECT_EQ(fan_out_->at(slot).generation, generation);
  EXPECT_EQ(fan_out_->counters().moves, 2u);
  EXPECT_EQ(fan_out_->mounts(), 1u);
}

TEST_F(Moves, WhoCountsItsBytesFromAPositionLeavesInsteadAndMayAskAgain) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "backup.");
  tape::SyncPoint begin{};
  JoinRequest request{.mount = Find("/live"), .fd = FdSlot(7)};
  request.begin = ExactBegin{.epoch = Find("/live")->epoch(), .at = begin};
  const ListenerSlot slot = fan_out_->Join(std::move(request), now_);
  Play();
  Leave("/live");
  Play();
  EXPECT_EQ(Heard(slot), "one.");
  ASSERT_THAT(departed_, SizeIs(1));
  EXPECT_EQ(departed_[0].leaving, Leaving::kMoved);
}

TEST_F(Moves, WhatTheyHeardIsCountedWhereTheyCameTo) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "1234");
  Publish("/backup", "123456");
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play();
  EXPECT_EQ(HomeOf(slot), "/live");
  EXPECT_EQ(fan_out_->PlayedBy(slot).name(), "/backup");
  EXPECT_EQ(CountOf("/live"), 1u);
  EXPECT_EQ(CountOf("/backup"), 0u);
  EXPECT_EQ(Find("/live")->sent_bytes.load(), 10u);
  EXPECT_EQ(Find("/backup")->sent_bytes.load(), 0u);
  EXPECT_EQ(Find("/live")->listener_connections.load(), 1u);
  fan_out_->Leave(slot, Leaving::kKicked, now_);
  Play();
  EXPECT_EQ(CountOf("/live"), 0u);
  EXPECT_EQ(fan_out_->mounts(), 0u);
}

TEST_F(Moves, WithoutAFallbackThatIsHeardTheyLingerAndThenLeave) {
  Configure("/live", Settings({"/backup", "/none"}));
  Connect("/live");
  Connect("/backup");  // and says nothing
  Publish("/live", "one.");
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play(4s);
  EXPECT_THAT(departed_, IsEmpty());
  Play(2s);
  ASSERT_THAT(departed_, SizeIs(1));
  EXPECT_EQ(departed_[0].leaving, Leaving::kSourceEnded);
  EXPECT_EQ(Heard(slot), "one.");
}

TEST_F(Moves, AFallbackThatComesWhileTheyLingerIsHeard) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Publish("/live", "one.");
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play(3s);
  Connect("/backup");
  Publish("/backup", "here.");
  Play();
  EXPECT_EQ(Heard(slot), "one.here.");
}

TEST_F(Moves, ASourceThatSaysGoodbyeIsFollowedByItsFallbackAsWell) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "two.");
  const ListenerSlot slot = Join("/live");
  Play();
  writers_["/live"].reset();
  Play();
  EXPECT_EQ(Heard(slot), "one.two.");
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(Moves, TheyClimbAndDescendTheChain) {
  Configure("/live", Settings({"/a", "/b"}));
  for (const char* name : {"/live", "/a", "/b"}) Connect(name);
  Publish("/live", "live.");
  Publish("/a", "a1.");
  Publish("/b", "b1.");
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play();
  EXPECT_EQ(Heard(slot), "live.a1.");
  Leave("/a");
  Play();
  EXPECT_EQ(Heard(slot), "b1.");
  Connect("/a");
  Publish("/a", "a2.");
  Play();
  EXPECT_EQ(Heard(slot), "a2.");
  Leave("/a");
  Leave("/b");
  Play();
  EXPECT_THAT(departed_, IsEmpty());  // they linger with what they hear
  Connect("/b");
  Publish("/b", "b2.");
  Play();
  EXPECT_EQ(Heard(slot), "b2.");
  Connect("/live");
  Publish("/live", "live again.");
  Play();
  EXPECT_EQ(Heard(slot), "live again.");
}

TEST_F(Moves, TitleBlocksStandWhereTheyWouldHaveAndSayWhatIsHeard) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live").SetTitleHere("Live", "");
  Connect("/backup").SetTitleHere("Backup", "");
  Publish("/live", "0123456");
  Publish("/backup", "abcdefg");
  const ListenerSlot slot = Join("/live", /*metaint_bytes=*/10);
  Play();
  Publish("/live", "789AB");
  Leave("/live");
  Play();
  const std::string live = audio::RenderIcyBlock("Live", "");
  const std::string backup = audio::RenderIcyBlock("Backup", "");
  // Ten bytes of audio, two more, then eight of the other: the second block is due, and waits for
  // audio behind it.
  EXPECT_EQ(Heard(slot), absl::StrCat("0123456789", live, "ABabcdefg"));
  Publish("/backup", "hijklmnopqrs");
  Play();
  EXPECT_EQ(Heard(slot), absl::StrCat("h", backup, "ijklmnopqr", std::string(1, '\0'), "s"));
  Connect("/live");
  Publish("/live", "0123456789");
  Play();
  // The title of before the break still holds, and is said again: it is not what was heard last.
  EXPECT_EQ(Heard(slot), absl::StrCat("012345678", live, "9"));
}

TEST_F(Moves, WhatIsOfAnotherLinkBeginsWithItsPreamble) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live", "application/ogg").BeginLink(mount::Bytes("[live]"));
  Connect("/backup", "audio/ogg").BeginLink(mount::Bytes("[backup]"));
  Publish("/live", "one.");
  Publish("/backup", "two.");
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play();
  EXPECT_EQ(Heard(slot), "[live]one.[backup]two.");
  Connect("/live", "application/ogg").BeginLink(mount::Bytes("[live again]"));
  Publish("/live", "three.");
  Play();
  EXPECT_EQ(Heard(slot), "[live again]three.");
}

TEST_F(Moves, ASendInFlightEndsFirst) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one two three.");
  Publish("/backup", "four.");
  const ListenerSlot slot = Join("/live");
  holds_ = true;
  Turn(/*bytes_max=*/3);
  Leave("/live");
  Play(500ms);
  EXPECT_EQ(Heard(slot), "one");
  EXPECT_EQ(fan_out_->PlayedBy(slot).name(), "/live");
  holds_ = false;
  fan_out_->OnSent(slot, order_of_[slot].generation, {.sent_bytes = 3, .releases_memory = false},
                   now_);
  Play(100ms);
  EXPECT_EQ(Heard(slot), "");  // the kernel still reads what it was given
  fan_out_->OnNotice(slot, order_of_[slot].generation, now_);
  Play(100ms);
  EXPECT_EQ(Heard(slot), " two three.four.");
}

TEST_F(Moves, AfterASilenceThePlayersStoreIsFilledAgain) {
  config::Mount settings = Settings({"/backup"});
  settings.burst = 3s;
  Configure("/live", settings);
  Connect("/live");
  Connect("/backup");
  Publish("/live", "live.");
  const ListenerSlot slot = Join("/live");
  Play();
  for (int i = 0; i < 100; ++i) {  // ten seconds
    Play(kFrameTime);
    Publish("/backup", absl::StrCat(i, "."));
  }
  Leave("/live");
  Play();
  EXPECT_THAT(Heard(slot), StartsWith("live.70.71."));  // no more than the burst
}

TEST_F(Moves, BetweenTwoThatPlayItGoesOnWhereTheOneEnded) {
  config::Mount settings = Settings({"/backup"});
  settings.burst = 3s;
  Configure("/live", settings);
  options_.interval = 1s;
  fan_out_ = std::make_unique<FanOut>(options_);
  Connect("/live");
  Connect("/backup");
  std::vector<ListenerSlot> slots;
  Publish("/live", "live.");
  for (int i = 0; i < 8; ++i) slots.push_back(Join("/live"));
  for (int i = 0; i < 50; ++i) {
    Play(kFrameTime);
    if (i < 40) Publish("/live", ".");
    Publish("/backup", absl::StrCat(i, ","));
    if (i == 39) Leave("/live");
  }
  Play(kFrameTime);
  // However late each is served, it hears what came since, and nothing of before.
  for (const ListenerSlot slot : slots) EXPECT_THAT(Heard(slot), HasSubstr("...40,41,"));
  EXPECT_THAT(departed_, IsEmpty());
}

// A thousand listeners of a mount with a fallback, who have come to their phases.
class SeldomServed : public Moves {
 protected:
  void Listen(milliseconds interval) {
    Configure("/live", Settings({"/backup"}));
    options_.interval = interval;
    options_.capacity = 1'000;
    fan_out_ = std::make_unique<FanOut>(options_);
    Connect("/live");
    Connect("/backup");
    Publish("/live", "live.");
    Publish("/backup", "backup.");
    for (int i = 0; i < 1'000; ++i) Join("/live");
    for (milliseconds played{0}; played < 2 * interval; played += 100ms) {
      Publish("/live", "x");
      Publish("/backup", "y");
      Play(100ms);
    }
  }
};

TEST_F(SeldomServed, GoAndReturnWithinASecondEach) {
  options_.orders_per_turn_max = 64;
  Listen(1s);
  Leave("/live");
  Play(1s);
  EXPECT_EQ(fan_out_->counters().moves, 1'000u);
  Connect("/live");
  Publish("/live", "z");
  Play(1s);
  EXPECT_EQ(fan_out_->counters().moves, 2'000u);
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(SeldomServed, GoOnWithinASecondAndNotAllAtTheSameMoment) {
  Listen(8s);
  Leave("/live");
  Play(450ms);
  EXPECT_THAT(fan_out_->counters().moves, AllOf(Ge(400u), Le(600u)));
  Play(500ms);
  EXPECT_EQ(fan_out_->counters().moves, 1'000u);
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(SeldomServed, GoOnWithinASecondAlsoWhereTheIntervalHasBecomeShort) {
  Listen(8s);
  options_.interval = 100ms;
  fan_out_->Change(options_);
  Leave("/live");
  Play(950ms);
  EXPECT_EQ(fan_out_->counters().moves, 1'000u);
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(Moves, WhoReturnsTakesItsOwnOrAllOrNobody) {
  for (const FallbackOverride override :
       {FallbackOverride::kOwn, FallbackOverride::kAll, FallbackOverride::kNone}) {
    fan_out_ = std::make_unique<FanOut>(options_);
    writers_.clear();
    for (const char* other : {"/live", "/backup", "/other"}) {
      registry().Unconfigure(other, Settings());
    }
    registry().Collect(now_);
    Configure("/live", Settings({"/backup"}, override));
    Configure("/other", Settings({"/backup"}));
    for (const char* name : {"/live", "/other", "/backup"}) {
      Connect(name);
      Publish(name, name);
    }
    const ListenerSlot own = Join("/live");
    const ListenerSlot others = Join("/other");
    const ListenerSlot backups = Join("/backup");
    Play();
    Leave("/live");
    Leave("/other");
    Play();
    EXPECT_EQ(HomeOf(own), override == FallbackOverride::kNone ? "/backup" : "/live");
    EXPECT_EQ(HomeOf(others), "/other");
    for (const ListenerSlot slot : {own, others, backups}) {
      EXPECT_EQ(fan_out_->PlayedBy(slot).name(), "/backup");
    }
    Connect("/live");
    Publish("/live", "again");
    Play();
    const bool takes_all = override == FallbackOverride::kAll;
    EXPECT_EQ(fan_out_->PlayedBy(own).name(),
              override == FallbackOverride::kNone ? "/backup" : "/live");
    EXPECT_EQ(HomeOf(others), takes_all ? "/live" : "/other");
    EXPECT_EQ(HomeOf(backups), takes_all ? "/live" : "/backup");
    EXPECT_EQ(CountOf("/live"), takes_all ? 3u : override == FallbackOverride::kOwn ? 1u : 0u);
    const ListenerSlot later = Join("/backup");  // nobody pulls who comes afterwards
    Play();
    EXPECT_EQ(HomeOf(later), "/backup");
    fan_out_->LeaveAll(Leaving::kStopping, now_);
    fan_out_->Consumed();
    EXPECT_EQ(fan_out_->mounts(), 0u);
    EXPECT_EQ(CountOf("/live") + CountOf("/backup") + CountOf("/other"), 0u);
  }
}

TEST_F(Moves, WhoBecomesTheFallbacksOwnLosesNothingOfWhatItHears) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "two.");
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play();
  Configure("/live", Settings({"/backup"}, FallbackOverride::kNone));
  Publish("/backup", "three.");
  Publish("/backup", "four.");
  Play();
  EXPECT_EQ(HomeOf(slot), "/backup");
  EXPECT_EQ(Heard(slot), "one.two.three.four.");
}

TEST_F(Moves, WhoseMountIsRemovedFromTheConfigurationLeaves) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "two.");
  Join("/live");
  Play();
  Leave("/live");
  Play();
  registry().Unconfigure("/live", Settings());
  Play();
  ASSERT_THAT(departed_, SizeIs(1));
  EXPECT_EQ(departed_[0].leaving, Leaving::kSourceEnded);
}

TEST_F(Moves, ANewcomerHearsTheFallbackAtOnceAndComesBackLikeTheOthers) {
  config::Mount settings = Settings({"/backup"});
  settings.burst = 200ms;
  Configure("/live", settings);
  Connect("/backup");
  for (const char* frame : {"1.", "2.", "3.", "4."}) Publish("/backup", frame);
  const ListenerSlot slot = Join("/live", 0, "/backup");
  Play();
  EXPECT_EQ(Heard(slot), "3.4.");
  EXPECT_EQ(CountOf("/live"), 1u);
  Connect("/live");
  Publish("/live", "live.");
  Play();
  EXPECT_EQ(Heard(slot), "live.");
}

TEST_F(Moves, WhoWasToldOfAFallbackThatLeftMeanwhileHearsTheNext) {
  Configure("/live", Settings({"/a", "/b"}));
  Connect("/a");
  Connect("/b");
  Publish("/a", "a.");
  Publish("/b", "b.");
  Leave("/a");
  const ListenerSlot slot = Join("/live", 0, "/a");
  Publish("/b", "b2.");
  Play();
  EXPECT_THAT(Heard(slot), HasSubstr("b2."));
  EXPECT_EQ(fan_out_->PlayedBy(slot).name(), "/b");
}

TEST_F(Moves, WhatCannotBeJoinedIsNotHeard) {
  Configure("/live", Settings({"/aac", "/backup"}));
  Connect("/live");
  Connect("/aac", "audio/aac");
  Connect("/backup");
  for (const char* name : {"/live", "/aac", "/backup"}) Publish(name, name);
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play();
  EXPECT_EQ(Heard(slot), "/live/backup");
  // The source is back as something else: who hears the fallback stays there.
  Connect("/live", "audio/aac");
  Publish("/live", "aac");
  Publish("/backup", "!");
  const ListenerSlot later = Join("/live");
  Play();
  EXPECT_EQ(Heard(slot), "!");
  EXPECT_EQ(Heard(later), "aac");
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(Moves, WhenASourceOfAnotherTypeTakesOverItsListenersGoToTheFallback) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "two.");
  const ListenerSlot slot = Join("/live");
  Play();
  Connect("/live", "audio/aac");
  Publish("/live", "aac");
  Play();
  EXPECT_EQ(Heard(slot), "one.two.");
  Leave("/backup");
  Play(6s);
  ASSERT_THAT(departed_, SizeIs(1));  // nothing is left that it can hear
}

TEST_F(Moves, WhoDoesNotTakeTheRestIsMovedAndNotDropped) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live").SetTitleHere("A title that is cut", "");
  Connect("/backup");
  Publish("/live", "0123456789");
  const ListenerSlot slot = Join("/live", /*metaint_bytes=*/10);
  Play();
  EXPECT_EQ(Heard(slot), "0123456789");
  Publish("/live", "much that is not taken");
  holds_ = true;
  Turn(/*bytes_max=*/5);  // within the block
  const std::string block = audio::RenderIcyBlock("A title that is cut", "");
  EXPECT_EQ(Heard(slot), block.substr(0, 5));
  Leave("/live");
  Publish("/backup", "b");
  Play(6s);
  EXPECT_EQ(cancels_, 1u);
  Publish("/backup", "ackup");
  holds_ = false;
  fan_out_->OnSent(slot, order_of_[slot].generation, {.sent_bytes = 5, .error = ECANCELED}, now_);
  Play();
  EXPECT_EQ(Heard(slot), absl::StrCat(block.substr(5), "ackup"));
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(Moves, WhoWasOvertakenIsMovedToo) {
  config::Mount settings = Settings({"/backup"});
  settings.history = settings.burst = 0ms;
  Configure("/live", settings);
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  const ListenerSlot slot = Join("/live");
  holds_ = true;
  Turn();
  const std::string frame(8 * 1024, 'x');
  for (int i = 0; i < 60; ++i) Publish("/live", frame);
  Publish("/backup", "two.");
  ASSERT_GT(Find("/live")->tape().oldest(), 0u);
  writers_["/live"].reset();
  holds_ = false;
  Heard(slot);
  fan_out_->OnSent(slot, order_of_[slot].generation, {.sent_bytes = 4}, now_);
  Play(100ms);
  EXPECT_EQ(Heard(slot), "two.");
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(Moves, AShortBreakWithoutAnybodyMovedIsNoBreak) {
  Configure("/live", Settings({"/backup"}));
  options_.interval = 1s;
  fan_out_ = std::make_unique<FanOut>(options_);
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "backup.");
  const ListenerSlot slot = Join("/live");
  Play();
  Publish("/live", "two.");
  Play(20ms);
  Leave("/live");
  Turn();
  Connect("/live");
  Publish("/live", "three.");
  Play(2s);
  const std::string heard = Heard(slot);
  EXPECT_TRUE(heard == "one.two.three." || heard == "one.two.backup.three.") << heard;
}

}  // namespace
}  // namespace floe::listener
