// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "sim/station.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace floe::sim {
namespace {

using listener::Leaving;
using testing::ElementsAre;
using testing::IsEmpty;

// What the tape of a mount at 128 kbit/s keeps, and the page that is being written.
constexpr uint32_t kHistoryPages = 9;

MATCHER(IsUnbroken, "is an unbroken stream from a boundary on") {
  *result_listener << arg.frames << " frames, " << arg.gaps << " gaps";
  for (const std::string& complaint : arg.complaints) *result_listener << "; " << complaint;
  return arg.complaints.empty() && arg.frames > 0 && arg.gaps == 0;
}

MATCHER_P(HasGaps, count, "") {
  *result_listener << arg.gaps << " gaps";
  for (const std::string& complaint : arg.complaints) *result_listener << "; " << complaint;
  return arg.complaints.empty() && arg.gaps == size_t(count);
}

Leaving ReasonOf(const Player& player) {
  return player.departure.has_value() ? player.departure->leaving : Leaving::kStaying;
}

config::Mount ShortHistory() {
  config::Mount settings;
  settings.burst = 1s;
  settings.history = 3s;
  return settings;
}

// 1 Mbit/s: pages are passed quickly.
BroadcastOptions Rich() {
  return {.frame_bytes_min = 3'000, .frame_bytes_max = 3'400, .frame_time = 26ms};
}

TEST(Station, EverybodyHearsAnUnbrokenStreamFromABoundaryOn) {
  StationSim station(/*seed=*/1);
  station.Broadcasts("/jazz");
  station.Play(10s);
  Player& plain = station.Listen("/jazz");
  Player& icy = station.Listen("/jazz", {.metaint_bytes = 1'000});
  Player& unbuffered = station.Listen("/jazz", {.wants_burst = false});
  station.Play(10s);

  EXPECT_THAT(plain.heard(), IsUnbroken());
  EXPECT_THAT(icy.heard(), IsUnbroken());
  EXPECT_THAT(unbuffered.heard(), IsUnbroken());
  EXPECT_GT(icy.heard().blocks, 100u);
}

TEST(Station, TheBurstHasTheSecondsThatWereAskedFor) {
  StationSim station(/*seed=*/2);
  config::Mount settings;
  settings.burst = 4s;
  station.Broadcasts("/jazz", settings, {.frame_time = 26ms});
  station.Play(20s);
  Player& with = station.Listen("/jazz");
  Player& without = station.Listen("/jazz", {.wants_burst = false});
  station.PlayOut(100ms);

  EXPECT_NEAR(double(with.heard().frames), 4'000 / 26, 3);
  EXPECT_LE(without.heard().frames, 3u);
}

TEST(Station, WithoutLoadAudioIsSentWithinOneTickOfItsPublication) {
  StationSim station(/*seed=*/3);
  const Broadcast& jazz = station.Broadcasts("/jazz");
  Player& player = station.Listen("/jazz", {.metaint_bytes = 500});
  station.Play(1s);
  for (int i = 0; i < 100; ++i) {
    const size_t published = jazz.frames().size();
    station.Play(11ms);
    EXPECT_GE(player.heard().last_frame + 1, published);
  }
}

TEST(Station, AJoinerIsOrderedItsFirstAudioInTheNextTurn) {
  StationSim station(/*seed=*/4);
  station.Broadcasts("/jazz");
  station.Play(5s);
  Player& player = station.Listen("/jazz");
  station.Play(2ms);
  EXPECT_GT(player.heard().frames, 0u);
}

TEST(Station, WhoJoinsBeforeTheFirstBoundaryWaitsForIt) {
  StationSim station(/*seed=*/5);
  station.Broadcasts("/jazz", config::Mount(), {.has_links = true});
  Player& player = station.Listen("/jazz");
  station.PlayOut(1s);
  EXPECT_EQ(player.heard_bytes(), 0u);

  station.Play(1s);
  EXPECT_THAT(player.heard(), IsUnbroken());
  EXPECT_LE(player.heard().first_frame, 1u);  // the headers, or what follows them
}

TEST(Station, AListenerThatStopsReadingLosesAudioInsteadOfHoldingPages) {
  StationSim station(/*seed=*/7);
  station.Broadcasts("/jazz");
  Player& quick = station.Listen("/jazz");
  Player& stuck = station.Listen("/jazz");
  station.Play(5s);

  stuck.StopReading();
  station.Play(29s);  // a little less than client_timeout
  const uint32_t pages_while_stuck = station.pages_alive();
  stuck.ReadAgain();
  station.Play(60s);

  EXPECT_THAT(quick.heard(), IsUnbroken());
  EXPECT_THAT(stuck.heard(), HasGaps(0));  // all of it was still kept
  stuck.StopReading();
  station.Play(29s);
  EXPECT_LE(pages_while_stuck, kHistoryPages);
  EXPECT_LE(station.pages_alive(), kHistoryPages);
}

TEST(Station, AListenerThatWasLappedGoesOnAtTheNewestSyncPoint) {
  StationSim station(/*seed=*/8);
  station.Broadcasts("/rich", ShortHistory(), Rich());
  Player& quick = station.Listen("/rich", {.metaint_bytes = 8'000});
  Player& stuck = station.Listen("/rich", {.metaint_bytes = 8'000});
  station.Play(5s);
  stuck.StopReading();
  station.Play(20s);
  const uint32_t pages_while_stuck = station.pages_alive();
  stuck.ReadAgain();
  station.Play(5s);

  EXPECT_THAT(quick.heard(), IsUnbroken());
  EXPECT_THAT(stuck.heard(), HasGaps(1));
  EXPECT_EQ(stuck.heard().last_frame, quick.heard().last_frame);
  EXPECT_LE(pages_while_stuck, 8u);
}

TEST(Station, OnAMountThatDropsWhoLagsALappedListenerLeaves) {
  StationSim station(/*seed=*/9);
  config::Mount settings = ShortHistory();
  settings.lagging = config::Lagging::kDrop;
  station.Broadcasts("/rich", settings, Rich());
  Player& stuck = station.Listen("/rich");
  station.Play(1s);
  stuck.StopReading();
  station.Play(10s);
  EXPECT_EQ(ReasonOf(stuck), Leaving::kLagged);
}

TEST(Station, AListenerThatTakesNothingIsGoneAfterTheTimeout) {
  for (const milliseconds history : {2'000ms, 60'000ms}) {  // lapped meanwhile, and not
    StationOptions options;
    options.fan_out.client_timeout = 10s;
    StationSim station(/*seed=*/10, options);
    config::Mount settings = ShortHistory();
    settings.history = history;
    station.Broadcasts("/rich", settings, Rich());
    Player& stuck = station.Listen("/rich");
    station.Play(3s);
    const Instant stopped = station.now();
    stuck.StopReading();
    station.Play(15s);

    EXPECT_EQ(ReasonOf(stuck), Leaving::kStalled);
    ASSERT_TRUE(stuck.departed.has_value());
    EXPECT_GE(*stuck.departed - stopped, 10s);
    EXPECT_LE(*stuck.departed - stopped, 12s);  // the socket took a second of audio first
  }
}

TEST(Station, AListenerThatReadsSlowlyHearsWholeStretches) {
  StationSim station(/*seed=*/11);
  station.Broadcasts("/rich", ShortHistory(), Rich());
  Player& slow = station.Listen("/rich", {.metaint_bytes = 4'000, .reads_per_second = 60'000});
  station.Play(60s);
  EXPECT_THAT(slow.heard().complaints, IsEmpty());
  EXPECT_GT(slow.heard().gaps, 2u);
  EXPECT_EQ(ReasonOf(slow), Leaving::kStaying);
}

TEST(Station, APlayerThatWentAwayIsNoticedByTheNextSend) {
  StationSim station(/*seed=*/12);
  station.Broadcasts("/jazz");
  Player& player = station.Listen("/jazz");
  station.Play(2s);
  player.Reset();
  station.Play(1'100ms);
  EXPECT_EQ(ReasonOf(player), Leaving::kGone);
  EXPECT_EQ(player.departure->error, ECONNRESET);
  EXPECT_EQ(station.broadcast("/jazz").mount().listeners.load(), 0u);
}

TEST(Station, AKickedListenerIsGoneAtOnceEvenWhenItTakesNothing) {
  StationSim station(/*seed=*/13);
  station.Broadcasts("/rich", ShortHistory(), Rich());
  Player& quick = station.Listen("/rich");
  Player& stuck = station.Listen("/rich");
  station.Play(1s);
  stuck.StopReading();
  station.Play(5s);
  station.Kick(quick);
  station.Kick(stuck);
  station.Play(5ms);
  EXPECT_EQ(ReasonOf(quick), Leaving::kKicked);
  EXPECT_EQ(ReasonOf(stuck), Leaving::kKicked);
}

TEST(Station, ATitleIsHeardAtTheByteWhereItWasSet) {
  StationSim station(/*seed=*/14);
  Broadcast& jazz = station.Broadcasts("/jazz");
  jazz.SetTitle("Take Five");
  station.Play(3s);
  Player& early = station.Listen("/jazz", {.metaint_bytes = 700});
  station.Play(3s);
  jazz.SetTitle("So What");
  station.Play(2s);
  Player& late = station.Listen("/jazz", {.metaint_bytes = 700, .wants_burst = false});
  Player& in_burst = station.Listen("/jazz", {.metaint_bytes = 16'000});
  station.Play(2s);
  jazz.SetTitle("");
  station.Play(3s);

  // Where each is said is judged byte by byte, see Heard.
  EXPECT_THAT(early.heard(), IsUnbroken());
  EXPECT_THAT(early.heard().titles, ElementsAre("Take Five", "So What", ""));
  EXPECT_THAT(late.heard().titles, ElementsAre("So What", ""));
  EXPECT_THAT(in_burst.heard(), IsUnbroken());
  // The burst reaches back before the change.
  EXPECT_THAT(in_burst.heard().titles, ElementsAre("Take Five", "So What", ""));
}

TEST(Station, ABlockThatASendCutsInTwoGoesOnWhereItStopped) {
  StationOptions options;
  options.fan_out.send_bytes_max = 37;  // less than a block
  options.faults.short_send = 0.3;
  StationSim station(/*seed=*/15, options);
  Broadcast& jazz =
      station.Broadcasts("/jazz", config::Mount(), {.frame_bytes_min = 20, .frame_bytes_max = 60});
  Player& player = station.Listen("/jazz", {.metaint_bytes = 50});
  for (int i = 0; i < 20; ++i) {
    jazz.SetTitle("a title that is longer than any send there is, number " + std::to_string(i));
    station.Play(300ms);
  }
  station.PlayOut(5s);
  EXPECT_THAT(player.heard(), IsUnbroken());
  EXPECT_EQ(player.heard().titles.size(), 20u);
  EXPECT_EQ(player.heard().last_frame, jazz.frames().size() - 1);
}

TEST(Station, BlocksInShortSuccessionDoNotMakeAListenerFallBehind) {
  StationOptions options;
  options.fan_out.interval = 1s;
  StationSim station(/*seed=*/28, options);
  const Broadcast& jazz = station.Broadcasts("/jazz");
  station.Play(5s);
  Player& player = station.Listen("/jazz", {.metaint_bytes = 50});
  for (int i = 0; i < 10; ++i) {
    station.Play(1s);
    EXPECT_GE(player.heard().last_frame + 60, jazz.frames().size());  // 1.5 s
  }
  EXPECT_THAT(player.heard(), IsUnbroken());
}

TEST(Station, ALateJoinerIsSentThePreambleOfItsLinkFirst) {
  StationSim station(/*seed=*/16);
  Broadcast& ogg = station.Broadcasts("/ogg", config::Mount(), {.has_links = true});
  station.Play(6s);
  Player& early = station.Listen("/ogg");
  ogg.BeginLink();
  station.Play(1s);
  Player& within_burst = station.Listen("/ogg");
  station.Play(6s);
  Player& late = station.Listen("/ogg");
  station.Play(3s);

  EXPECT_THAT(early.heard(), IsUnbroken());
  EXPECT_THAT(within_burst.heard(), IsUnbroken());
  EXPECT_THAT(late.heard(), IsUnbroken());
  EXPECT_EQ(early.heard().preambles, 1u);  // the next link's headers are in the stream
  EXPECT_EQ(within_burst.heard().preambles, 1u);
  EXPECT_EQ(late.heard().preambles, 1u);
}

TEST(Station, WhoSkipsIsSentAPreambleOnlyWhenTheLinkIsAnother) {
  StationSim station(/*seed=*/17);
  BroadcastOptions rich = Rich();
  rich.has_links = true;
  Broadcast& ogg = station.Broadcasts("/ogg", ShortHistory(), rich);
  station.Play(2s);
  Player& same_link = station.Listen("/ogg");
  Player& next_link = station.Listen("/ogg");
  station.Play(1s);
  same_link.StopReading();
  station.Play(8s);
  same_link.ReadAgain();
  next_link.StopReading();
  station.Play(4s);
  ogg.BeginLink();
  station.Play(8s);
  next_link.ReadAgain();
  station.Play(2s);

  EXPECT_THAT(same_link.heard(), HasGaps(1));
  EXPECT_EQ(same_link.heard().preambles, 1u);
  EXPECT_THAT(next_link.heard(), HasGaps(1));
  EXPECT_EQ(next_link.heard().preambles, 2u);
}

TEST(Station, ASourceThatReturnsWithinLingerKeepsItsListeners) {
  for (const bool has_links : {false, true}) {
    StationSim station(/*seed=*/18);
    config::Mount settings;
    settings.linger = 5s;
    Broadcast& jazz = station.Broadcasts("/jazz", settings, {.has_links = has_links});
    Player& player = station.Listen("/jazz", {.metaint_bytes = has_links ? 0u : 1'000u});
    station.Play(3s);
    jazz.Leave(station.now());
    station.Play(4s);
    EXPECT_EQ(ReasonOf(player), Leaving::kStaying);
    jazz.Connect(station.now());
    station.Play(3s);

    EXPECT_EQ(ReasonOf(player), Leaving::kStaying);
    EXPECT_THAT(player.heard(), IsUnbroken());
    EXPECT_GT(player.heard().frames, 220u);
  }
}

TEST(Station, WhenTheSourceIsGoneForGoodListenersHearTheRestAndLeave) {
  for (const bool lingers : {false, true}) {
    StationOptions options;
    options.fan_out.interval = 1s;
    StationSim station(/*seed=*/19, options);
    config::Mount settings;
    settings.linger = 2s;
    Broadcast& jazz = station.Broadcasts("/jazz", settings, {});
    Player& player = station.Listen("/jazz");
    station.Play(5s);
    lingers ? jazz.Leave(station.now()) : jazz.End();
    station.Play(lingers ? 1'900ms : 1ms);
    EXPECT_EQ(ReasonOf(player), Leaving::kStaying);
    station.Play(2s);

    EXPECT_EQ(ReasonOf(player), Leaving::kSourceEnded);
    EXPECT_THAT(player.heard(), IsUnbroken());
    EXPECT_EQ(player.heard().last_frame, jazz.frames().size() - 1);
  }
}

TEST(Station, AfterTheEndWhoTakesNothingIsNotWaitedForLong) {
  StationSim station(/*seed=*/20);
  Broadcast& rich = station.Broadcasts("/rich", ShortHistory(), Rich());
  Player& stuck = station.Listen("/rich");
  station.Play(2s);
  stuck.StopReading();
  station.Play(2s);
  rich.End();
  station.Play(6s);
  EXPECT_EQ(ReasonOf(stuck), Leaving::kSourceEnded);
}

TEST(Station, AnotherContentTypeEndsListenersOfBeforeAndNotThoseOfAfter) {
  StationSim station(/*seed=*/21);
  Broadcast& jazz = station.Broadcasts("/jazz");
  Player& before = station.Listen("/jazz", {.metaint_bytes = 900});
  station.Play(3s);
  const size_t last_of_before = jazz.frames().size() - 1;
  jazz.Connect(station.now(), "audio/aac");
  Player& after = station.Listen("/jazz");
  station.Play(3s);

  EXPECT_EQ(ReasonOf(before), Leaving::kTypeChanged);
  EXPECT_THAT(before.heard(), IsUnbroken());
  EXPECT_EQ(before.heard().last_frame, last_of_before);
  EXPECT_EQ(ReasonOf(after), Leaving::kStaying);
  EXPECT_THAT(after.heard(), IsUnbroken());
  EXPECT_EQ(after.heard().first_frame, last_of_before + 1);
}

TEST(Station, NothingOfAMountIsHeldWhenItsLastListenerHasLeft) {
  StationSim station(/*seed=*/22);
  station.Broadcasts("/jazz");
  station.Broadcasts("/rock");
  Player& player = station.Listen("/jazz");
  station.Listen("/rock");
  station.Play(3s);
  EXPECT_EQ(station.fan_out().mounts(), 2u);
  station.Kick(player);
  station.Play(1ms);
  EXPECT_EQ(station.fan_out().mounts(), 1u);
  station.Close();
  EXPECT_THAT(station.Complaints(), IsEmpty());
}

TEST(Station, ListenersThatJoinedTogetherAreSpreadOverTheInterval) {
  StationOptions options;
  options.fan_out.interval = 1s;
  options.step = 10ms;
  StationSim station(/*seed=*/23, options);
  station.Broadcasts("/jazz", config::Mount(), {.frame_bytes_min = 20, .frame_bytes_max = 20});
  for (int i = 0; i < 1'000; ++i) station.Listen("/jazz");
  station.Play(3s);

  uint64_t most = 0;
  uint64_t before = station.fan_out().counters().orders;
  const uint64_t begin = before;
  for (int i = 0; i < 100; ++i) {
    station.Play(10ms);
    most = std::max(most, station.fan_out().counters().orders - before);
    before = station.fan_out().counters().orders;
  }
  EXPECT_NEAR(double(before - begin), 1'000, 20);  // one send a second each
  EXPECT_LE(most, 40u);                            // of 10 on average: one row of neighbours
}

TEST(Station, ARushOfJoinsAndThoseWhoListenShareATurn) {
  StationOptions options;
  options.fan_out.orders_per_turn_max = 64;
  options.fan_out.interval = 20ms;
  StationSim station(/*seed=*/24, options);
  station.Broadcasts("/jazz", config::Mount(), {.frame_bytes_min = 20, .frame_bytes_max = 20});
  std::vector<Player*> first;
  for (int i = 0; i < 20; ++i) first.push_back(&station.Listen("/jazz"));
  station.Play(3s);
  std::vector<Player*> rush;
  for (int i = 0; i < 1'000; ++i) rush.push_back(&station.Listen("/jazz"));
  const size_t published = station.broadcast("/jazz").frames().size();
  station.Play(40ms);

  for (const Player* player : first) EXPECT_GE(player->heard().last_frame + 1, published);
  for (const Player* player : rush) EXPECT_GT(player->heard().frames, 0u);
  EXPECT_GT(station.fan_out().counters().turns_cut, 0u);
}

TEST(Station, WhoWaitedAndFoundNoRoomInATurnIsServedInTheNext) {
  for (const int mounts : {1, 2}) {
    StationOptions options;
    options.fan_out.orders_per_turn_max = 4;
    StationSim station(/*seed=*/27, options);
    for (int i = 0; i < mounts; ++i) {
      station.Broadcasts(absl::StrCat("/", i), config::Mount(), {.frame_time = 500ms});
    }
    for (int i = 0; i < 10; ++i) station.Listen(absl::StrCat("/", i % mounts));
    station.Play(1'900ms);
    const size_t before = station.broadcast("/0").frames().size();
    station.Play(112ms);  // all publish, a tick passes, and two more turns
    ASSERT_EQ(station.broadcast("/0").frames().size(), before + 1);
    for (const auto& player : station.players()) {
      EXPECT_EQ(player->heard().last_frame + 1, player->broadcast().frames().size());
    }
  }
}

TEST(Station, PassingTroublesOfTheMachineAreTriedAgainAndNotInABusyLoop) {
  StationOptions options;
  options.faults.no_buffers = 0.9;
  StationSim station(/*seed=*/25, options);
  const Broadcast& jazz = station.Broadcasts("/jazz");
  Player& player = station.Listen("/jazz");
  station.Play(10s);
  station.PlayOut(2s);
  EXPECT_THAT(player.heard(), IsUnbroken());
  EXPECT_EQ(player.heard().last_frame, jazz.frames().size() - 1);
  // At most one try in two ticks or so.
  EXPECT_LE(station.fan_out().counters().orders, 12'000u / 10);
}

TEST(Station, AMachineThatCannotSendForLongIsNotTriedForever) {
  StationOptions options;
  options.fan_out.client_timeout = 5s;
  options.faults.no_buffers = 1;
  StationSim station(/*seed=*/26, options);
  station.Broadcasts("/jazz");
  Player& player = station.Listen("/jazz");
  station.Play(4'900ms);
  EXPECT_EQ(ReasonOf(player), Leaving::kStaying);
  station.Play(500ms);
  EXPECT_EQ(ReasonOf(player), Leaving::kStalled);
}

}  // namespace
}  // namespace floe::sim
