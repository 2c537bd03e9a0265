// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/fallbacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace floe::mount {
namespace {

using config::FallbackOverride;
using testing::ElementsAre;
using testing::IsEmpty;

Standing Of(Sound sound, std::vector<std::string> fallbacks = {},
            absl::string_view type = "audio/mpeg", audio::Codec codec = audio::Codec::kUnknown) {
  Standing standing;
  standing.fallbacks = std::move(fallbacks);
  standing.sound = sound;
  standing.media = MediaOf(type, codec);
  return standing;
}

Standing Audible(std::vector<std::string> fallbacks = {}, absl::string_view type = "audio/mpeg") {
  return Of(Sound::kAudible, std::move(fallbacks), type);
}

Standing Silent(std::vector<std::string> fallbacks = {}, absl::string_view type = "audio/mpeg") {
  return Of(Sound::kSilent, std::move(fallbacks), type);
}

const Heading* HeadingOf(const std::vector<Heading>& headings, absl::string_view home) {
  for (const Heading& heading : headings) {
    if (heading.home == home) return &heading;
  }
  return nullptr;
}

std::vector<std::string> Told(const std::vector<Step>& steps) {
  constexpr const char* kNames[] = {"plays", "later",   "silent", "not yet", "format",
                                    "codec", "unknown", "met",    "far"};
  std::vector<std::string> told;
  for (const Step& step : steps) {
    told.push_back(absl::StrCat(step.mount, " ", kNames[int(step.verdict)]));
  }
  return told;
}

TEST(Fallbacks, AMountPlaysItsOwnSourceFirst) {
  Fallbacks fallbacks;
  fallbacks.Put("/backup", Audible());
  const std::vector<Heading> headings = fallbacks.Put("/live", Audible({"/backup"}));
  ASSERT_THAT(headings, testing::SizeIs(1));
  EXPECT_EQ(headings[0].plays, "/live");
  EXPECT_THAT(headings[0].choices, ElementsAre("/live", "/backup"));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/live");
}

TEST(Fallbacks, WhenItsSourceLeavesTheFirstThatIsAudibleIsHeard) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Audible({"/a", "/b", "/c"}));
  fallbacks.Put("/a", Silent());
  fallbacks.Put("/b", Audible());
  fallbacks.Put("/c", Audible());
  fallbacks.Put("/live", Silent({"/a", "/b", "/c"}));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/b");
  EXPECT_THAT(Told(fallbacks.Explain("/live")),
              ElementsAre("/live silent", "/a silent", "/b plays", "/c later"));
  fallbacks.Put("/a", Audible());
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/a");  // up to one that is better
  fallbacks.Put("/live", Audible({"/a", "/b", "/c"}));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/live");
}

TEST(Fallbacks, WhatIsSoughtIsAllThatWouldBeHeardInsteadOfWhatPlays) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Silent({"/a", "/none", "/ogg", "/b", "/c"}));
  fallbacks.Put("/a", Silent({"/of-a"}));
  fallbacks.Put("/ogg", Audible({}, "application/ogg"));
  fallbacks.Put("/b", Audible());
  fallbacks.Put("/c", Silent());
  EXPECT_THAT(fallbacks.Sought("/live"), ElementsAre("/live", "/a", "/of-a", "/none", "/b"));
  fallbacks.Put("/live", Audible({"/a"}));
  EXPECT_THAT(fallbacks.Sought("/live"), ElementsAre("/live"));
  EXPECT_THAT(fallbacks.Sought("/unheard-of"), ElementsAre("/unheard-of"));
}

TEST(Fallbacks, NobodyIsSentToASourceOfWhichNothingIsHeardYet) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Of(Sound::kNotYet, {"/a", "/b"}));
  fallbacks.Put("/a", Of(Sound::kNotYet));
  fallbacks.Put("/b", Audible());
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/b");
  EXPECT_THAT(Told(fallbacks.Explain("/live")),
              ElementsAre("/live not yet", "/a not yet", "/b plays"));
}

TEST(Fallbacks, ASilentFallbackIsFollowedByItsOwn) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Silent({"/a", "/d"}));
  fallbacks.Put("/a", Silent({"/b", "/c"}));
  fallbacks.Put("/c", Audible());
  fallbacks.Put("/d", Audible());
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/c");
  EXPECT_THAT(Told(fallbacks.Explain("/live")),
              ElementsAre("/live silent", "/a silent", "/b unknown", "/c plays", "/d later"));
  fallbacks.Put("/a", Audible({"/b", "/c"}));
  EXPECT_THAT(Told(fallbacks.Explain("/live")),
              ElementsAre("/live silent", "/a plays", "/d later"));
}

TEST(Fallbacks, WhatCannotBeJoinedIsPassedOver) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Of(Sound::kSilent, {"/aac", "/vorbis", "/opus"}, "application/ogg",
                            audio::Codec::kOpus));
  fallbacks.Put("/aac", Audible({}, "audio/aac"));
  fallbacks.Put("/vorbis", Of(Sound::kAudible, {}, "audio/ogg", audio::Codec::kVorbis));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "");
  fallbacks.Put("/opus", Of(Sound::kAudible, {}, "audio/ogg", audio::Codec::kOpus));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/opus");
  EXPECT_THAT(Told(fallbacks.Explain("/live")),
              ElementsAre("/live silent", "/aac format", "/vorbis codec", "/opus plays"));
}

TEST(Fallbacks, AMountThatNeverHadASourceTakesWhatThereIs) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Silent({"/aac"}, ""));
  fallbacks.Put("/aac", Audible({}, "audio/aac"));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/aac");
}

TEST(Fallbacks, WhoReturnsWithAllPullsThoseWhoHearWhatItPlayed) {
  for (const FallbackOverride override :
       {FallbackOverride::kOwn, FallbackOverride::kAll, FallbackOverride::kNone}) {
    Fallbacks fallbacks;
    fallbacks.Put("/backup", Audible());
    Standing live = Silent({"/backup"});
    live.override = override;
    fallbacks.Put("/live", live);
    live.sound = Sound::kAudible;
    const std::vector<Heading> headings = fallbacks.Put("/live", live);
    ASSERT_NE(HeadingOf(headings, "/live"), nullptr);
    EXPECT_EQ(headings[0].pulls_from, override == FallbackOverride::kAll ? "/backup" : "");
    EXPECT_EQ(headings[0].stays, override == FallbackOverride::kNone);
  }
}

TEST(Fallbacks, WhoWasNotAwayPullsNobody) {
  Fallbacks fallbacks;
  Standing live = Silent({"/backup"});
  live.override = FallbackOverride::kAll;
  fallbacks.Put("/live", live);  // nothing plays there
  live.sound = Sound::kAudible;
  EXPECT_EQ(fallbacks.Put("/live", live)[0].pulls_from, "");
  fallbacks.Put("/backup", Audible());
  ++live.epoch;  // taken over by a source of another kind
  EXPECT_EQ(fallbacks.Put("/live", live)[0].pulls_from, "");
}

TEST(Fallbacks, WhatDoesNotChangeIsNoEvent) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Audible({"/backup"}));
  EXPECT_THAT(fallbacks.Put("/live", Audible({"/backup"})), IsEmpty());
  EXPECT_THAT(fallbacks.Remove("/never"), IsEmpty());
}

TEST(Fallbacks, AMountThatGoesIsNotHeardAnyMore) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Silent({"/a", "/b"}));
  fallbacks.Put("/a", Audible());
  fallbacks.Put("/b", Audible());
  const std::vector<Heading> headings = fallbacks.Remove("/a");
  ASSERT_THAT(headings, testing::SizeIs(1));  // of /a there is nothing to tell
  EXPECT_EQ(headings[0].home, "/live");
  EXPECT_EQ(headings[0].plays, "/b");
  fallbacks.Remove("/live");
  EXPECT_EQ(fallbacks.Find("/live"), nullptr);
  EXPECT_THAT(Told(fallbacks.Explain("/live")), ElementsAre("/live unknown"));
  EXPECT_THAT(fallbacks.Put("/b", Silent()), testing::SizeIs(1));
}

TEST(Fallbacks, TenMountsAreFollowedAndNotAnEleventh) {
  Fallbacks fallbacks;
  for (int i = 0; i < 12; ++i) {
    fallbacks.Put(absl::StrCat("/", i), Silent({absl::StrCat("/", i + 1)}));
  }
  fallbacks.Put("/11", Audible());
  EXPECT_EQ(fallbacks.PlaysOf("/0"), "");
  EXPECT_EQ(fallbacks.Explain("/0").back().verdict, Verdict::kTooFar);
  EXPECT_EQ(fallbacks.PlaysOf("/1"), "/11");
  fallbacks.Put("/10", Audible({"/11"}));
  EXPECT_EQ(fallbacks.PlaysOf("/0"), "/10");
}

TEST(Fallbacks, ALoopThatNobodyForesawEndsWhereItBegan) {
  Fallbacks fallbacks;
  fallbacks.Put("/a", Silent({"/b", "/a"}));
  fallbacks.Put("/b", Silent({"/a", "/b"}));
  EXPECT_EQ(fallbacks.PlaysOf("/a"), "");
  EXPECT_THAT(Told(fallbacks.Explain("/a")),
              ElementsAre("/a silent", "/b silent", "/a met", "/b met", "/a met"));
  fallbacks.Put("/b", Audible({"/a", "/b"}));
  EXPECT_EQ(fallbacks.PlaysOf("/a"), "/b");
  EXPECT_EQ(fallbacks.PlaysOf("/b"), "/b");
}

TEST(Fallbacks, ItIsToldWhatWouldBeIfTheSourceLeft) {
  Fallbacks fallbacks;
  fallbacks.Put("/live", Audible({"/a", "/b"}));
  fallbacks.Put("/a", Audible({}, "audio/aac"));
  fallbacks.Put("/b", Audible());
  EXPECT_THAT(Told(fallbacks.Explain("/live")),
              ElementsAre("/live plays", "/a format", "/b later"));
  EXPECT_THAT(Told(fallbacks.Explain("/live", /*without_source=*/true)),
              ElementsAre("/live silent", "/a format", "/b plays"));
  EXPECT_EQ(fallbacks.PlaysOf("/live"), "/live");
}

// ---- every small graph ----

constexpr std::array<const char*, 3> kNames = {"/a", "/b", "/c"};

// Every chain of the two other mounts, in either order.
std::vector<std::vector<std::string>> ChainsOf(size_t mount) {
  const std::string one = kNames[(mount + 1) % 3];
  const std::string other = kNames[(mount + 2) % 3];
  return {{}, {one}, {other}, {one, other}, {other, one}};
}

// What the definition says, the slow way: the first audible and joinable one on the way.
std::string Expected(const Fallbacks& fallbacks, const std::string& home) {
  const Media heard = fallbacks.Find(home)->media;
  std::vector<std::string> met;
  std::string answer;
  const auto visit = [&](const auto& self, const std::string& name) -> void {
    if (std::find(met.begin(), met.end(), name) != met.end() || !answer.empty()) return;
    met.push_back(name);
    const Standing* standing = fallbacks.Find(name);
    if (standing == nullptr) return;
    const bool is_audible = standing->sound == Sound::kAudible;
    if (is_audible && CanJoin(heard, standing->media) == Joining::kCan) {
      answer = name;
      return;
    }
    if (is_audible && name != home) return;
    for (const std::string& next : standing->fallbacks) self(self, next);
  };
  visit(visit, home);
  return answer;
}

// What holds of every mount at any time. Empty when all is well.
std::string Broken(const Fallbacks& fallbacks) {
  for (const char* const home : kNames) {
    const Standing* standing = fallbacks.Find(home);
    if (standing == nullptr) continue;
    const std::string plays = fallbacks.PlaysOf(home);
    if (plays != Expected(fallbacks, home)) return absl::StrCat(home, " plays ", plays);
    int playing = 0;
    for (const Step& step : fallbacks.Explain(home)) {
      if (step.verdict != Verdict::kPlays) continue;
      ++playing;
      if (step.mount != plays) return absl::StrCat(home, " is told to play ", step.mount);
    }
    if (playing != (plays.empty() ? 0 : 1)) return absl::StrCat(home, " plays ", playing);
    for (const Step& step : fallbacks.Explain(home, /*without_source=*/true)) {
      if (step.verdict == Verdict::kPlays && step.mount == home) {
        return absl::StrCat(home, " would play itself without a source");
      }
    }
    if (plays.empty()) continue;
    const Standing* played = fallbacks.Find(plays);
    if (played == nullptr || played->sound != Sound::kAudible) {
      return absl::StrCat(home, " plays silence");
    }
    if (CanJoin(standing->media, played->media) != Joining::kCan) {
      return absl::StrCat(home, " plays what it cannot");
    }
  }
  return "";
}

// What an event says of the mounts it affects is what is so afterwards.
std::string Untold(const Fallbacks& fallbacks, const std::vector<Heading>& headings,
                   const std::array<std::string, 3>& before) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    const std::string now = fallbacks.PlaysOf(kNames[i]);
    const Heading* heading = HeadingOf(headings, kNames[i]);
    if (heading == nullptr) {
      if (now != before[i]) return absl::StrCat(kNames[i], " plays another and nobody was told");
      continue;
    }
    if (heading->plays != now) return absl::StrCat(kNames[i], " was told another");
    const auto place = std::find(heading->choices.begin(), heading->choices.end(), now);
    if (!now.empty() && place == heading->choices.end()) return "what plays is no choice";
    for (const std::string& choice : heading->choices) {
      const Standing* standing = fallbacks.Find(choice);
      if (standing == nullptr || standing->sound != Sound::kAudible) return "a silent choice";
    }
    const bool returns = now == kNames[i] && before[i] != now && !before[i].empty();
    const bool pulls = returns && fallbacks.Find(kNames[i])->override == FallbackOverride::kAll;
    if (heading->pulls_from != (pulls ? before[i] : "")) return "the wrong ones are pulled";
  }
  return "";
}

// Every chain of each of three mounts, each way they can stand, and each event from there.
TEST(Fallbacks, InEveryGraphAndStateAndAfterEveryEventTheRightOneIsHeard) {
  const std::array<Standing, 4> ways = {Silent(), Of(Sound::kNotYet), Audible(),
                                        Audible({}, "audio/aac")};
  uint64_t events = 0;
  for (size_t graph = 0; graph < 5 * 5 * 5; ++graph) {
    const std::array<std::vector<std::string>, 3> chains = {
        ChainsOf(0)[graph % 5], ChainsOf(1)[graph / 5 % 5], ChainsOf(2)[graph / 25]};
    for (size_t state = 0; state < 4 * 4 * 4; ++state) {
      const std::array<size_t, 3> way = {state % 4, state / 4 % 4, state / 16};
      Fallbacks fallbacks;
      const auto standing = [&](size_t index, size_t as) {
        Standing made = ways[as];
        made.fallbacks = chains[index];
        made.override = FallbackOverride((graph + index) % 3);
        return made;
      };
      for (size_t i = 0; i < 3; ++i) fallbacks.Put(kNames[i], standing(i, way[i]));
      ASSERT_EQ(Broken(fallbacks), "") << "graph " << graph << ", state " << state;
      const size_t mount = (graph + state) % 3;  // one of them has the event; the names are alike
      for (size_t next = 0; next < 5; ++next) {
        Fallbacks after = fallbacks;
        std::array<std::string, 3> before;
        for (size_t i = 0; i < 3; ++i) before[i] = after.PlaysOf(kNames[i]);
        const std::vector<Heading> headings = next == 4
                                                  ? after.Remove(kNames[mount])
                                                  : after.Put(kNames[mount], standing(mount, next));
        if (next == 4) before[mount] = "";
        ASSERT_EQ(Broken(after), "") << "graph " << graph << ", state " << state << ", " << next;
        ASSERT_EQ(Untold(after, headings, before), "")
            << "graph " << graph << ", state " << state << ", " << next;
        ++events;
      }
    }
  }
  EXPECT_EQ(events, 125u * 64 * 5);
}

// The state is what is known, and not the way there.
TEST(Fallbacks, TheOrderOfEventsDoesNotMatter) {
  for (size_t graph = 0; graph < 5 * 5 * 5; ++graph) {
    const std::array<std::vector<std::string>, 3> chains = {
        ChainsOf(0)[graph % 5], ChainsOf(1)[graph / 5 % 5], ChainsOf(2)[graph / 25]};
    std::array<size_t, 3> order = {0, 1, 2};
    std::vector<std::string> first;
    do {
      Fallbacks fallbacks;
      for (const size_t i : order) {
        Standing standing = i == graph % 3 ? Silent() : Audible();
        standing.fallbacks = chains[i];
        fallbacks.Put(kNames[i], std::move(standing));
      }
      std::vector<std::string> plays;
      for (const char* const name : kNames) plays.push_back(fallbacks.PlaysOf(name));
      if (first.empty()) first = plays;
      ASSERT_EQ(plays, first) << "graph " << graph;
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Media, APlayerGoesOnWithTheSameFormatAndInAContainerWithTheSameCodec) {
  using audio::Codec;
  const Media unknown;
  const Media mp3 = MediaOf("audio/mpeg", Codec::kMp3);
  const Media opus = MediaOf("application/ogg", Codec::kOpus);
  EXPECT_EQ(CanJoin(mp3, MediaOf("Audio/MP3; x=y", Codec::kMp2)), Joining::kCan);
  EXPECT_EQ(CanJoin(mp3, MediaOf("audio/aac", Codec::kAac)), Joining::kOtherFormat);
  EXPECT_EQ(CanJoin(opus, MediaOf("audio/ogg", Codec::kVorbis)), Joining::kOtherCodec);
  EXPECT_EQ(CanJoin(opus, MediaOf("audio/ogg", Codec::kUnknown)), Joining::kCan);
  EXPECT_EQ(CanJoin(MediaOf("a/b; c", Codec::kOpaque), MediaOf("A/B", Codec::kOpaque)),
            Joining::kCan);
  EXPECT_EQ(CanJoin(MediaOf("a/b", Codec::kOpaque), MediaOf("a/c", Codec::kOpaque)),
            Joining::kOtherFormat);
  EXPECT_EQ(CanJoin(unknown, opus), Joining::kCan);
  EXPECT_EQ(CanJoin(opus, unknown), Joining::kCan);
  EXPECT_EQ(MediaName(mp3), "MPEG audio");
  EXPECT_EQ(MediaName(opus), "Ogg Opus");
  EXPECT_EQ(MediaName(MediaOf("audio/flac", Codec::kFlac)), "FLAC");
}

}  // namespace
}  // namespace floe::mount
