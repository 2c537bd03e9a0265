// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What signposts say as sources come and go.
#include "mount/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "unit/mount/station.h"

namespace floe::mount {
namespace {

using config::FallbackOverride;
using testing::ElementsAre;

config::Mount With(std::vector<std::string> fallback,
                   FallbackOverride override = FallbackOverride::kOwn) {
  config::Mount settings;
  settings.fallback = std::move(fallback);
  settings.fallback_override = override;
  return settings;
}

// The mount that listeners of `name` are told to hear, who hear what it had; empty: none.
std::string ToldTo(Station& station, absl::string_view name) {
  const MountRef mount = station.registry().Find(name);
  const Signpost::Direction direction = mount->signpost().Where(*mount, mount->heard().media);
  return direction.plays ? direction.plays->name() : "";
}

TEST(Router, ASourceIsHeardFromItsFirstSyncPointOn) {
  Station station;
  station.settings = With({"/backup"});
  auto live = station.Connect("/live");
  station.settings = {};
  auto backup = station.Connect("/backup");
  PlayFrame(*backup);
  EXPECT_EQ(ToldTo(station, "/live"), "/backup");
  const uint32_t before = live->mount().signpost().version();
  live->Append(Bytes("no place to begin"));
  live->Boundary(kFrame);
  EXPECT_FALSE(live->mount().is_audible());
  EXPECT_EQ(live->mount().signpost().version(), before);
  PlayFrame(*live);
  EXPECT_EQ(ToldTo(station, "/live"), "/live");
  EXPECT_NE(live->mount().signpost().version(), before);
}

TEST(Router, AnOggSourceIsHeardOnceItsHeadersAreWhole) {
  Station station;
  auto live = station.Connect("/live", "application/ogg");
  live->SyncPoint(/*needs_preamble=*/false);
  live->Append(Bytes("the first page of the headers"));
  live->Boundary(microseconds(0));
  EXPECT_FALSE(live->mount().is_audible());
  live->BeginLink(Bytes("headers"));
  PlayFrame(*live);
  EXPECT_TRUE(live->mount().is_audible());
}

TEST(Router, AFallbackIsSoughtWhileListenersOfAnotherMountWouldHearIt) {
  Station station;
  station.registry().Configure("/live", With({"/spare"})).value();
  const auto is_sought = [&] { return station.registry().IsSought("/spare"); };
  EXPECT_FALSE(is_sought());  // nobody listens
  station.registry().Find("/live")->listeners = 1;
  EXPECT_TRUE(is_sought());
  auto live = station.Connect("/live");
  PlayFrame(*live);
  EXPECT_FALSE(is_sought());  // /live itself is heard
  live->Leave(kStart);
  auto spare = station.Connect("/spare");
  PlayFrame(*spare);
  EXPECT_TRUE(is_sought());  // it is what is heard
  station.registry().Find("/live")->listeners = 0;
  EXPECT_FALSE(is_sought());
  station.registry().Find("/spare")->arriving = 1;
  EXPECT_TRUE(is_sought());
  station.registry().Find("/spare")->arriving = 0;
}

TEST(Router, AFrameIsNoEventAfterTheFirst) {
  Station station;
  auto live = station.Connect("/live");
  PlayFrame(*live);
  const uint32_t before = live->mount().signpost().version();
  PlayFrames(*live, 100);
  EXPECT_EQ(live->mount().signpost().version(), before);
}

TEST(Router, WhenASourceLeavesItsFallbackIsHeardUntilItIsBack) {
  Station station;
  station.registry().Configure("/live", With({"/backup"})).value();
  auto live = station.Connect("/live");
  auto backup = station.Connect("/backup");
  PlayFrame(*backup);
  PlayFrame(*live);
  live->Leave(station.now);
  EXPECT_EQ(ToldTo(station, "/live"), "/backup");
  EXPECT_EQ(station.registry().PlaysOf("/live"), "/backup");
  live = station.Connect("/live");
  EXPECT_EQ(ToldTo(station, "/live"), "/backup");
  PlayFrame(*live);
  EXPECT_EQ(ToldTo(station, "/live"), "/live");
  backup.reset();
  live.reset();
  EXPECT_EQ(ToldTo(station, "/live"), "");
}

TEST(Router, WhoReturnsWithinItsLingerBeginsWhereItsStayDoes) {
  Station station;
  auto live = station.Connect("/live");
  PlayFrames(*live, 3);
  EXPECT_EQ(live->mount().stay_began(), 0u);
  live->Leave(station.now);
  live = station.Connect("/live");
  EXPECT_FALSE(live->mount().is_audible());
  EXPECT_EQ(live->mount().stay_began(), 3 * kFrameBytes);
  PlayFrame(*live);
  EXPECT_TRUE(live->mount().is_audible());
}

TEST(Router, ATakeoverByTheSameKindIsNoSilence) {
  Station station;
  auto first = station.Connect("/live");
  PlayFrames(*first, 3);
  auto second = station.Connect("/live", "audio/mpeg", {.takeover = true});
  EXPECT_TRUE(second->mount().is_audible());
  EXPECT_EQ(second->mount().stay_began(), 0u);
  auto third = station.Connect("/live", "audio/aac", {.takeover = true});
  EXPECT_FALSE(third->mount().is_audible());
  EXPECT_EQ(third->mount().stay_began(), 3 * kFrameBytes);
}

TEST(Router, ARouteThatIsOldLeadsNobodyToAnotherType) {
  Station station;
  station.registry().Configure("/live", With({"/backup"})).value();
  auto live = station.Connect("/live");
  auto backup = station.Connect("/backup");
  PlayFrame(*live);
  PlayFrame(*backup);
  const MountRef mount = station.registry().Find("/live");
  const Media heard = mount->heard().media;
  auto other = station.Connect("/live", "audio/aac", {.takeover = true});
  PlayFrame(*other);
  const Signpost::Direction direction = mount->signpost().Where(*mount, heard);
  ASSERT_TRUE(direction.plays);
  EXPECT_EQ(direction.plays->name(), "/backup");
  EXPECT_EQ(ToldTo(station, "/live"), "/live");  // who comes now
}

TEST(Router, WhoReturnsWithAllPullsFromItsFallbackUntilItLeaves) {
  Station station;
  station.registry().Configure("/live", With({"/backup"}, FallbackOverride::kAll)).value();
  auto backup = station.Connect("/backup");
  PlayFrame(*backup);
  const MountRef pulled = station.registry().Find("/backup");
  EXPECT_EQ(pulled->signpost().pulled().count, 0u);
  const uint32_t version = pulled->signpost().version();
  auto live = station.Connect("/live");
  PlayFrame(*live);
  EXPECT_EQ(pulled->signpost().pulled().count, 1u);
  EXPECT_EQ(pulled->signpost().pulled().to->name(), "/live");
  EXPECT_NE(pulled->signpost().version(), version);
  live.reset();
  EXPECT_FALSE(pulled->signpost().pulled().to);
}

TEST(Router, WhoDoesNotTakeBackMakesThemTheFallbacksOwn) {
  Station station;
  station.registry().Configure("/live", With({"/backup"}, FallbackOverride::kNone)).value();
  auto backup = station.Connect("/backup");
  PlayFrame(*backup);
  const MountRef live = station.registry().Find("/live");
  EXPECT_TRUE(live->signpost().Where(*live, {}).stays);
  auto writer = station.Connect("/live");
  PlayFrame(*writer);
  EXPECT_FALSE(live->signpost().Where(*live, {}).stays);
}

TEST(Router, OtherSettingsHoldAtOnce) {
  Station station;
  auto live = station.registry().Configure("/live", With({"/a"})).value().Share();
  auto a = station.Connect("/a");
  auto b = station.Connect("/b");
  PlayFrame(*a);
  PlayFrame(*b);
  EXPECT_EQ(ToldTo(station, "/live"), "/a");
  station.registry().Change(*live, With({"/b", "/a"}));
  EXPECT_EQ(ToldTo(station, "/live"), "/b");
  station.registry().Unconfigure("/live", config::Mount());
  EXPECT_EQ(ToldTo(station, "/live"), "");
}

TEST(Router, AMountThatIsForgottenIsKeptByNobody) {
  Station station;
  station.settings = With({"/b"}, FallbackOverride::kAll);
  auto a = station.Connect("/a");
  station.settings = With({"/a"}, FallbackOverride::kAll);
  auto b = station.Connect("/b");
  PlayFrame(*a);
  PlayFrame(*b);
  a->Leave(station.now);
  station.settings = {};
  a = station.Connect("/a");
  PlayFrame(*a);  // pulls from /b
  a.reset();
  EXPECT_EQ(station.registry().Collect(station.now), 1u);
  b.reset();
  EXPECT_EQ(station.registry().Collect(station.now), 1u);
  EXPECT_EQ(station.registry().mounts(), 0u);
}

TEST(Router, ItIsExplainedWhatPlaysAndWhatWould) {
  Station station;
  auto live = station.Connect("/live");
  station.registry().Change(live->mount(), With({"/a", "/backup"}));
  auto backup = station.Connect("/backup");
  PlayFrame(*live);
  PlayFrame(*backup);
  const Explanation explanation = station.registry().Explain("/live");
  EXPECT_EQ(explanation.plays, "/live");
  ASSERT_EQ(explanation.steps.size(), 3u);
  EXPECT_EQ(explanation.steps[0].verdict, Verdict::kPlays);
  EXPECT_EQ(explanation.steps[1].verdict, Verdict::kUnknown);
  EXPECT_EQ(explanation.without_source[2].verdict, Verdict::kPlays);
  EXPECT_EQ(station.registry().Explain("/none").steps[0].verdict, Verdict::kUnknown);
}

}  // namespace
}  // namespace floe::mount
