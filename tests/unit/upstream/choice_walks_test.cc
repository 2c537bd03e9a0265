// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Every short way through the choice of upstreams, and long ones from seeds.
#include <array>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "upstream/choice.h"

namespace floe::upstream {
namespace {

constexpr milliseconds kPreferAfter = 30s;

// What holds whatever has happened.
void Judge(const Choice& choice, Instant now) {
  const Next next = choice.What(now);
  const auto is_open = [&](uint32_t upstream) {
    const Phase phase = choice.health(upstream).phase;
    return phase == Phase::kConnecting || phase == Phase::kTrial || phase == Phase::kUp;
  };
  for (uint32_t i = 0; i < choice.count(); ++i) {
    ASSERT_EQ(is_open(i), choice.played() == i || choice.probed() == i) << "upstream " << i;
  }
  if (!choice.is_wanted()) {
    ASSERT_EQ(next, Next());
    ASSERT_TRUE(!choice.played().has_value() && !choice.probed().has_value());
  }
  if (choice.played().has_value() && choice.probed().has_value()) {
    ASSERT_LT(*choice.probed(), *choice.played());
  }
  switch (next.kind) {
    case Next::Kind::kWait:
      ASSERT_GT(next.at.value_or(now + 1s), now) << "else it would turn in a circle";
      ASSERT_TRUE(!choice.is_wanted() || next.at.has_value() || choice.played().has_value());
      break;
    case Next::Kind::kConnect:
    case Next::Kind::kProbe:
      ASSERT_FALSE(is_open(next.upstream));
      ASSERT_EQ(choice.played().has_value(), next.kind == Next::Kind::kProbe);
      break;
    case Next::Kind::kSwitch: ASSERT_EQ(choice.probed(), next.upstream); break;
  }
  Choice next_process(choice.count(), kPreferAfter, 0);
  const absl::Status restored = next_process.Restore(choice.state());
  ASSERT_TRUE(restored.ok()) << restored;
  ASSERT_EQ(next_process.state(), choice.state());
  ASSERT_EQ(next_process.What(now), next);
}

// Does what is to be done, as whoever fetches would; waiting takes the time it takes.
void Follow(Choice& choice, Instant* now) {
  const Next next = choice.What(*now);
  switch (next.kind) {
    case Next::Kind::kWait: *now = next.at.value_or(*now); break;
    case Next::Kind::kSwitch: choice.Switched(next.upstream, *now); break;
    default: choice.Connecting(next.upstream, *now); break;
  }
}

struct Walk {
  Choice choice;
  Instant now;
};
using Step = std::function<void(Walk&)>;

std::vector<Step> StepsOf(uint32_t count) {
  std::vector<Step> steps = {
      [](Walk& walk) { Follow(walk.choice, &walk.now); },
      [](Walk& walk) { walk.now += kPreferAfter; },
      [](Walk& walk) { walk.choice.SetWanted(!walk.choice.is_wanted(), walk.now); },
  };
  for (uint32_t i = 0; i < count; ++i) {
    steps.push_back([i](Walk& walk) { walk.choice.Reply(i, walk.now); });
    steps.push_back([i](Walk& walk) { walk.choice.Bytes(i, 10, walk.now); });
    steps.push_back([i](Walk& walk) { walk.choice.Failed(i, "no", walk.now); });
    steps.push_back([i](Walk& walk) { walk.choice.Stalled(i, walk.now); });
  }
  return steps;
}

// Returns how many states were looked at.
uint64_t Explore(const Walk& from, const std::vector<Step>& steps, uint32_t depth) {
  uint64_t seen = 1;
  Judge(from.choice, from.now);
  if (depth == 0 || testing::Test::HasFatalFailure()) return seen;
  for (const Step& step : steps) {
    Walk walk = from;
    step(walk);
    seen += Explore(walk, steps, depth - 1);
  }
  return seen;
}

TEST(ChoiceWalks, EveryShortWayLeadsToWhatCanBe) {
  for (uint32_t count = 1; count <= 3; ++count) {
    Walk walk = {Choice(count, kPreferAfter, count), Instant() + 1h};
    walk.choice.SetWanted(true, walk.now);
    EXPECT_GT(Explore(walk, StepsOf(count), count == 1 ? 5 : 4), 5'000u);
  }
}

TEST(ChoiceWalks, EveryWayFromTheSecondPlayedAndTheFirstProbedLeadsToWhatCanBe) {
  Walk walk = {Choice(2, kPreferAfter, 9), Instant() + 1h};
  walk.choice.SetWanted(true, walk.now);
  for (int i = 0; i < 2; ++i) {
    Follow(walk.choice, &walk.now);
    walk.choice.Failed(0, "no", walk.now);
  }
  Follow(walk.choice, &walk.now);
  walk.choice.Bytes(1, 10, walk.now);
  Follow(walk.choice, &walk.now);  // waits
  Follow(walk.choice, &walk.now);
  ASSERT_TRUE(walk.choice.played() == 1u && walk.choice.probed() == 0u);
  EXPECT_GT(Explore(walk, StepsOf(2), 4), 10'000u);
}

// Servers that come and go by chance, and an edge that fetches from them.
class World {
 public:
  explicit World(uint32_t seed)
      : random_(seed), count_(1 + random_() % 4), choice_(count_, kPreferAfter, seed) {
    choice_.SetWanted(true, now_);
  }

  // One tenth of a second: servers change, audio comes, the edge does what it has to.
  void Tick(bool is_calm) {
    now_ += 100ms;
    for (uint32_t i = 0; i < count_; ++i) {
      if (is_calm) {
        is_there_[i] = true;
      } else if (random_() % 300 == 0) {
        is_there_[i] = !is_there_[i];
      }
      if (choice_.played() != i && choice_.probed() != i) continue;
      if (is_there_[i]) {
        choice_.Bytes(i, 100, now_);
      } else if (random_() % 4 == 0) {
        choice_.Stalled(i, now_);
      } else {
        choice_.Failed(i, "gone", now_);
      }
    }
    for (int turns = 0; choice_.What(now_).kind != Next::Kind::kWait; ++turns) {
      ASSERT_LT(turns, 20) << "it goes in a circle";
      Follow(choice_, &now_);
      Judge(choice_, now_);
      if (testing::Test::HasFatalFailure()) return;
      FailWhatIsGone();
    }
    Judge(choice_, now_);
  }

  bool IsPlaying() const {
    return choice_.played().has_value() &&
           choice_.health(*choice_.played()).heard_since != Instant();
  }
  bool IsAnyThere() const {
    for (uint32_t i = 0; i < count_; ++i) {
      if (is_there_[i]) return true;
    }
    return false;
  }
  uint64_t attempts() const {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count_; ++i) sum += choice_.health(i).attempts;
    return sum;
  }
  const Choice& choice() const { return choice_; }
  void Vanish() { is_there_.fill(false); }

 private:
  void FailWhatIsGone() {
    for (uint32_t i = 0; i < count_; ++i) {
      const bool is_asked = choice_.played() == i || choice_.probed() == i;
      if (is_asked && !is_there_[i]) choice_.Failed(i, "refused", now_);
    }
  }

  std::mt19937 random_;
  uint32_t count_;
  Choice choice_;
  Instant now_ = Instant() + 1h;
  std::array<bool, kUpstreamsMax> is_there_{};
};

constexpr uint32_t kTicksPerMinute = 600;

TEST(ChoiceWalks, AudioComesBackWhileAnyServerIsThere) {
  for (uint32_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    uint32_t silent_ticks = 0;
    for (uint32_t tick = 0; tick < 10 * kTicksPerMinute; ++tick) {
      world.Tick(false);
      if (HasFatalFailure()) return;
      silent_ticks = world.IsPlaying() || !world.IsAnyThere() ? 0 : silent_ticks + 1;
      ASSERT_LE(silent_ticks, 310u) << "longer than the longest wait";
    }
  }
}

TEST(ChoiceWalks, InTheEndThePreferredOneIsPlayed) {
  for (uint32_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (uint32_t tick = 0; tick < 3 * kTicksPerMinute; ++tick) world.Tick(false);
    // At most each is tried and returned to, one after the other.
    for (uint32_t tick = 0; tick < 5 * kTicksPerMinute; ++tick) world.Tick(true);
    if (HasFatalFailure()) return;
    EXPECT_EQ(world.choice().played(), 0u);
    EXPECT_EQ(world.choice().probed(), std::nullopt);
  }
}

TEST(ChoiceWalks, ServersThatAreGoneAreAskedSeldom) {
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    world.Vanish();
    for (uint32_t tick = 0; tick < 2 * kTicksPerMinute; ++tick) {
      world.Vanish();
      world.Tick(false);
    }
    const uint64_t before = world.attempts();
    for (uint32_t tick = 0; tick < 10 * kTicksPerMinute; ++tick) {
      world.Vanish();
      world.Tick(false);
    }
    if (HasFatalFailure()) return;
    const uint64_t least = 10 * 60 / 30, most = 10 * 60 / 15 + 10;  // for each
    EXPECT_GE(world.attempts() - before, least * world.choice().count() / 2);
    EXPECT_LE(world.attempts() - before, most * world.choice().count());
  }
}

}  // namespace
}  // namespace floe::upstream
