// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/choice.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::upstream {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr milliseconds kPreferAfter = 30s;

Next Connect(uint32_t upstream) { return {Next::Kind::kConnect, upstream, std::nullopt}; }
Next Probe(uint32_t upstream) { return {Next::Kind::kProbe, upstream, std::nullopt}; }
Next Switch(uint32_t upstream) { return {Next::Kind::kSwitch, upstream, std::nullopt}; }
const Next kWait = {};

// A mount with `count` upstreams, which somebody wants.
class Fetching {
 public:
  explicit Fetching(uint32_t count = 2) : choice_(count, kPreferAfter, 3) {
    choice_.SetWanted(true, now_);
  }

  Next what() const { return choice_.What(now_); }
  void Pass(milliseconds time) { now_ += time; }
  // Until what has to be waited for.
  void Wait() {
    ASSERT_TRUE(what().kind == Next::Kind::kWait && what().at.has_value());
    now_ = std::max(now_, *what().at);
  }
  // Does what is to be done, be it asking or probing.
  void Ask(uint32_t upstream) { choice_.Connecting(upstream, now_); }
  void Answers(uint32_t upstream) {
    Ask(upstream);
    choice_.Reply(upstream, now_);
    choice_.Bytes(upstream, 1000, now_);
  }
  void Fails(uint32_t upstream) { choice_.Failed(upstream, "refused", now_); }
  void Stalls(uint32_t upstream) { choice_.Stalled(upstream, now_); }
  void Refuses(uint32_t upstream) {
    Ask(upstream);
    Fails(upstream);
  }
  // The second of two is played, the first has failed and may be asked again.
  void PlaySecond() {
    Refuses(0);
    Refuses(0);
    Answers(1);
    Wait();
  }

  Choice* operator->() { return &choice_; }
  Instant now_ = Instant() + 1h;

 private:
  Choice choice_;
};

TEST(Choice, AsksTheFirstFirst) {
  Fetching fetching(3);
  EXPECT_EQ(fetching.what(), Connect(0));
  fetching.Answers(0);
  EXPECT_EQ(fetching.what(), kWait);
  EXPECT_THAT(fetching->played(), Optional(0u));
}

TEST(Choice, AsksNobodyForNobody) {
  Fetching fetching;
  fetching.Answers(0);
  fetching->SetWanted(false, fetching.now_);
  EXPECT_EQ(fetching->played(), std::nullopt);
  EXPECT_EQ(fetching->health(0).phase, Phase::kIdle);
  EXPECT_EQ(fetching.what(), kWait);
  fetching->SetWanted(true, fetching.now_);
  EXPECT_EQ(fetching.what(), Connect(0));
}

TEST(Choice, OneThatFailsIsAskedAgainAtOnceAndThenTheNext) {
  Fetching fetching;
  fetching.Refuses(0);
  EXPECT_EQ(fetching.what(), Connect(0));
  fetching.Refuses(0);
  EXPECT_EQ(fetching.what(), Connect(1));
  fetching.Refuses(1);
  EXPECT_EQ(fetching.what(), Connect(1));
  fetching.Refuses(1);
  EXPECT_EQ(fetching.what().kind, Next::Kind::kWait);
  fetching.Wait();
  EXPECT_EQ(fetching.what().kind, Next::Kind::kConnect);
}

TEST(Choice, AStalledOneIsLeftForTheNextAtOnce) {
  Fetching fetching;
  fetching.Answers(0);
  fetching.Pass(1h);
  fetching.Stalls(0);
  EXPECT_EQ(fetching.what(), Connect(1));
  EXPECT_THAT(fetching->health(0).error, HasSubstr("nothing for too long"));
}

TEST(Choice, AStalledOneWithoutAnotherIsAskedAgainAtOnce) {
  Fetching fetching(1);
  fetching.Answers(0);
  fetching.Stalls(0);
  EXPECT_EQ(fetching.what(), Connect(0));
}

TEST(Choice, APreferredOneIsProbedBesideTheOneThatIsPlayed) {
  Fetching fetching;
  fetching.PlaySecond();
  EXPECT_EQ(fetching.what(), Probe(0));
  fetching.Ask(0);
  EXPECT_THAT(fetching->played(), Optional(1u));
  EXPECT_THAT(fetching->probed(), Optional(0u));
  EXPECT_EQ(fetching.what(), kWait);
}

TEST(Choice, IsProbedOnlyWhenWhatIsPlayedIsUp) {
  Fetching fetching;
  fetching.Refuses(0);
  fetching.Refuses(0);
  fetching.Ask(1);
  fetching.Pass(1min);
  EXPECT_EQ(fetching.what(), kWait);
  fetching->Reply(1, fetching.now_);
  EXPECT_EQ(fetching.what(), Probe(0));
}

TEST(Choice, APreferredOneIsReturnedToWhenItHasGivenAudioForAWhile) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Ask(0);
  fetching->Reply(0, fetching.now_);
  fetching.Pass(1min);
  EXPECT_EQ(fetching.what(), kWait) << "an answer is not yet audio";
  fetching->Bytes(0, 1, fetching.now_);
  EXPECT_THAT(fetching.what().at, Optional(fetching.now_ + kPreferAfter));
  fetching.Pass(kPreferAfter - 1ms);
  EXPECT_EQ(fetching.what().kind, Next::Kind::kWait);
  fetching.Pass(1ms);
  EXPECT_EQ(fetching.what(), Switch(0));
  fetching->Switched(0, fetching.now_);
  EXPECT_THAT(fetching->played(), Optional(0u));
  EXPECT_EQ(fetching->probed(), std::nullopt);
  EXPECT_EQ(fetching->health(1).phase, Phase::kIdle);
  EXPECT_EQ(fetching.what(), kWait);
}

TEST(Choice, AProbeThatFailsDisturbsNobody) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Refuses(0);
  EXPECT_THAT(fetching->played(), Optional(1u));
  EXPECT_EQ(fetching->probed(), std::nullopt);
  EXPECT_EQ(fetching.what().kind, Next::Kind::kWait);
  EXPECT_GT(*fetching.what().at, fetching.now_);
}

TEST(Choice, WhenThePlayedOneFailsTheProbedOneTakesItsPlaceAtOnce) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Ask(0);
  fetching.Fails(1);
  EXPECT_EQ(fetching.what(), Switch(0)) << "though it has not answered yet: it is under way";
  fetching->Switched(0, fetching.now_);
  EXPECT_THAT(fetching->played(), Optional(0u));
  fetching->Reply(0, fetching.now_);
  EXPECT_EQ(fetching->health(0).phase, Phase::kUp);
}

TEST(Choice, BothMayFail) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Ask(0);
  fetching.Fails(0);
  fetching.Fails(1);
  EXPECT_EQ(fetching->played(), std::nullopt);
  EXPECT_EQ(fetching.what(), Connect(1)) << "its first failure";
}

TEST(Choice, WhatOneThatWasLetGoStillSaysIsIgnored) {
  Fetching fetching;
  fetching.Refuses(0);
  fetching.Refuses(0);
  fetching.Answers(1);
  const ChoiceState before = fetching->state();
  fetching->Reply(0, fetching.now_);
  fetching->Bytes(0, 5, fetching.now_);
  fetching->Lag(0, 1s);
  fetching.Fails(0);
  fetching.Stalls(0);
  EXPECT_EQ(fetching->state(), before);
}

TEST(Choice, SaysHowFarTheOneThatIsUpLagsBehind) {
  Fetching fetching;
  fetching.Ask(0);
  fetching->Lag(0, 2s);
  EXPECT_EQ(fetching->health(0).lag, std::nullopt);
  fetching->Reply(0, fetching.now_);
  fetching->Lag(0, 2s);
  EXPECT_THAT(fetching->health(0).lag, Optional(milliseconds(2s)));
  fetching->Lag(0, -5ms);
  EXPECT_THAT(fetching->health(0).lag, Optional(0ms));
  fetching.Fails(0);
  EXPECT_EQ(fetching->health(0).lag, std::nullopt);
}

TEST(Choice, IsHopelessWhenEachIsBroken) {
  Fetching fetching;
  while (!fetching->IsHopeless()) {
    if (fetching.what().kind == Next::Kind::kWait) fetching.Wait();
    fetching.Refuses(fetching.what().upstream);
    ASSERT_LE(fetching->health(0).failures + fetching->health(1).failures, 40u);
  }
  EXPECT_GE(fetching->health(0).failures, kBreakAfter);
  EXPECT_GE(fetching->health(1).failures, kBreakAfter);
  fetching.Wait();
  fetching.Answers(fetching.what().upstream);
  EXPECT_FALSE(fetching->IsHopeless());
}

TEST(Choice, AListThatGrowsInFrontGoesOnPlayingAndProbesTheNewOne) {
  Fetching fetching(1);
  fetching.Answers(0);
  const std::optional<uint32_t> was[] = {std::nullopt, 0u};
  fetching->Rearrange(was, fetching.now_);
  EXPECT_THAT(fetching->played(), Optional(1u));
  EXPECT_EQ(fetching.what(), Probe(0));
}

TEST(Choice, WhatIsPlayedAndNotInTheNewListIsLetGo) {
  Fetching fetching;
  fetching.Answers(0);
  const std::optional<uint32_t> was[] = {1u, std::nullopt};
  fetching->Rearrange(was, fetching.now_);
  EXPECT_EQ(fetching->played(), std::nullopt);
  EXPECT_EQ(fetching.what(), Connect(0));
}

TEST(Choice, AProbedOneThatIsPreferredNoLongerIsLetGo) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Ask(0);
  const std::optional<uint32_t> was[] = {1u, 0u};
  fetching->Rearrange(was, fetching.now_);
  EXPECT_THAT(fetching->played(), Optional(0u));
  EXPECT_EQ(fetching->probed(), std::nullopt);
  EXPECT_EQ(fetching->health(1).phase, Phase::kIdle);
  EXPECT_TRUE(Choice(2, kPreferAfter, 1).Restore(fetching->state()).ok());
}

TEST(Choice, GoesOnInTheNextProcessAsItWouldHaveHere) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Ask(0);
  Choice next(2, kPreferAfter, 99);
  ASSERT_TRUE(next.Restore(fetching->state()).ok());
  EXPECT_EQ(next.state(), fetching->state());
  for (Choice* choice : {&*fetching.operator->(), &next}) {
    choice->Failed(0, "refused", fetching.now_);
    choice->Failed(1, "refused", fetching.now_);
  }
  EXPECT_EQ(next.What(fetching.now_), fetching.what());
  EXPECT_EQ(next.state(), fetching->state()) << "the dice too";
}

TEST(Choice, AStateThatCannotBeIsRefusedAndChangesNothing) {
  Fetching fetching;
  fetching.PlaySecond();
  fetching.Ask(0);
  const auto refusal = [&](auto change) {
    ChoiceState state = fetching->state();
    change(state);
    Choice next(2, kPreferAfter, 1);
    const ChoiceState before = next.state();
    const std::string why(next.Restore(state).message());
    EXPECT_TRUE(why.empty() || next.state() == before);
    return why;
  };
  EXPECT_EQ(refusal([](ChoiceState&) {}), "");
  EXPECT_THAT(refusal([](ChoiceState& state) { state.upstreams.emplace_back(); }),
              HasSubstr("another list"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.upstreams.clear(); }),
              HasSubstr("another list"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.played = 2; }), HasSubstr("played"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.probed = UINT32_MAX; }), HasSubstr("probed"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.played = 0; }), HasSubstr("not preferred"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.is_wanted = false; }), HasSubstr("wants"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.probed.reset(); }), HasSubstr("not used"));
  EXPECT_THAT(refusal([](ChoiceState& state) { state.upstreams[1].phase = Phase(77); }),
              HasSubstr("phase"));
}

}  // namespace
}  // namespace floe::upstream
