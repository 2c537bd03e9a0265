// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/registry.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/mount/station.h"

namespace floe::mount {
namespace {

std::vector<std::string> Names(const Registry& registry) {
  std::vector<std::string> names;
  for (const MountRef& mount : registry.List()) names.push_back(mount->name());
  return names;
}

TEST(Registry, FindsWhatItHasAndNothingElse) {
  Station station;
  EXPECT_FALSE(station.registry().Find("/live"));
  const auto made = station.registry().FindOrCreate("/live", station.settings);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(station.registry().Find("/live").get(), made->get());
  EXPECT_FALSE(station.registry().Find("/liv"));
  EXPECT_FALSE(station.registry().Find("/live/"));
}

TEST(Registry, ListsMountsByName) {
  Station station;
  for (const char* name : {"/b", "/c", "/a"}) {
    ASSERT_TRUE(station.registry().FindOrCreate(name, station.settings).ok());
  }
  EXPECT_THAT(Names(station.registry()), testing::ElementsAre("/a", "/b", "/c"));
}

TEST(Registry, AMountIsMadeOnceAndKeepsItsSettings) {
  Station station;
  station.settings.metaint = 1;
  const auto first = station.registry().FindOrCreate("/live", station.settings);
  station.settings.metaint = 2;
  const auto second = station.registry().FindOrCreate("/live", station.settings);
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ((*second)->settings().metaint, 1u);
}

TEST(Registry, ConfiguringAMountAgainChangesItsSettingsAndNothingElse) {
  Station station;
  const MountRef mount = *station.registry().Configure("/live", station.settings);
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 3);
  station.settings.burst = 9s;
  station.settings.stream_name = "Nine";
  EXPECT_EQ(station.registry().Configure("/live", station.settings)->get(), mount.get());
  EXPECT_EQ(mount->burst(), 9s);
  EXPECT_EQ(mount->Snap().source.name, "Nine");
  EXPECT_EQ(mount->phase(), Phase::kLive);
  EXPECT_FALSE(writer->revoked());
  EXPECT_EQ(HistoryBytes(*mount), 3 * kFrameBytes);
}

TEST(Registry, AMountThatIsNoLongerConfiguredLastsAsLongAsItsSource) {
  Station station;
  ASSERT_TRUE(station.registry().Configure("/live", station.settings).ok());
  auto writer = station.Connect("/live");
  station.settings.linger = 0s;
  station.registry().Unconfigure("/live", station.settings);
  station.registry().Unconfigure("/nothing", station.settings);
  EXPECT_EQ(station.registry().Collect(station.now), 0u);
  EXPECT_FALSE(writer->revoked());
  writer->Leave(station.now);
  writer.reset();
  EXPECT_EQ(station.registry().Collect(station.now), 1u);
}

TEST(Registry, AnotherBoundOfSourcesIsForThoseWhoCome) {
  Station station(/*arena_pages=*/8, /*sources_max=*/2);
  const auto one = station.Connect("/1");
  const auto two = station.Connect("/2");
  station.registry().SetSourcesMax(1);
  EXPECT_FALSE(one->revoked());
  EXPECT_FALSE(two->revoked());
  EXPECT_EQ(station.Claim("/3").status().code(), absl::StatusCode::kResourceExhausted);
  station.registry().SetSourcesMax(3);
  EXPECT_TRUE(station.Claim("/3").ok());
}

TEST(Registry, NoTwoMountsShareATapeId) {
  Station station(/*arena_pages=*/4, /*sources_max=*/1);
  std::set<uint32_t> ids;
  for (int i = 0; i < 50; ++i) {
    const auto mount = station.registry().FindOrCreate(absl::StrCat("/", i), station.settings);
    ids.insert((*mount)->tape().id());
  }
  EXPECT_EQ(ids.size(), 50u);
}

TEST(Registry, ThereIsABoundOnMounts) {
  Station station(/*arena_pages=*/4, /*sources_max=*/1, /*mounts_max=*/2);
  EXPECT_TRUE(station.registry().Configure("/1", station.settings).ok());
  EXPECT_TRUE(station.registry().FindOrCreate("/2", station.settings).ok());
  EXPECT_EQ(station.registry().FindOrCreate("/3", station.settings).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(station.registry().Configure("/3", station.settings).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(station.registry().Configure("/2", station.settings).ok());
  EXPECT_EQ(station.registry().mounts(), 2u);
}

TEST(Registry, ForgetsAMountThatNobodyPlaysOrFeeds) {
  Station station;
  station.settings.linger = 5s;
  auto writer = station.Connect("/live");
  PlayFrames(*writer, 100);
  EXPECT_EQ(station.registry().Collect(station.now), 0u);
  writer->Leave(station.now);
  writer.reset();
  EXPECT_EQ(station.registry().Collect(station.now + 4s), 0u) << "listeners may still wait";
  EXPECT_EQ(station.registry().Collect(station.now + 5s), 1u);
  EXPECT_FALSE(station.registry().Find("/live"));
  EXPECT_EQ(station.arena().pages_in_use(), 0u);
}

TEST(Registry, KeepsAMountThatHasListeners) {
  Station station;
  station.settings.linger = 0s;
  station.Connect("/live")->Leave(station.now);
  station.registry().Find("/live")->listeners = 1;
  EXPECT_EQ(station.registry().Collect(station.now), 0u);
  station.registry().Find("/live")->listeners = 0;
  EXPECT_EQ(station.registry().Collect(station.now), 1u);
}

TEST(Registry, KeepsAMountThatSomebodyHolds) {
  Station station;
  station.settings.linger = 0s;
  station.Connect("/live")->Leave(station.now);
  MountRef held = station.registry().Find("/live");
  MountRef shared = held.Share();
  EXPECT_EQ(station.registry().Collect(station.now), 0u);
  held = MountRef();
  EXPECT_EQ(station.registry().Collect(station.now), 0u);
  EXPECT_EQ(shared->name(), "/live");
  shared = MountRef();
  EXPECT_EQ(station.registry().Collect(station.now), 1u);
}

TEST(Registry, KeepsAConfiguredMountButGivesItsPagesBack) {
  Station station;
  station.settings.linger = 5s;
  ASSERT_TRUE(station.registry().Configure("/live", station.settings).ok());
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 200);
  writer->Leave(station.now);
  EXPECT_EQ(station.registry().Collect(station.now + 5s), 0u);
  EXPECT_EQ(writer->mount().phase(), Phase::kEmpty);
  EXPECT_LE(station.arena().pages_in_use(), 1u);
  EXPECT_TRUE(station.registry().Find("/live"));
}

TEST(Registry, AMountThatIsForgottenAndComesAgainBeginsAnew) {
  Station station;
  station.settings.linger = 0s;
  auto writer = station.Connect("/live");
  PlayFrames(*writer, 3);
  const uint32_t id = writer->mount().tape().id();
  writer->Leave(station.now);
  writer.reset();
  ASSERT_EQ(station.registry().Collect(station.now), 1u);
  writer = station.Connect("/live");
  EXPECT_EQ(writer->mount().tape().published(), 0u);
  EXPECT_NE(writer->mount().tape().id(), id) << "old pages must not pass for its own";
}

TEST(Registry, AWriterKeepsItsMountAlive) {
  Station station;
  station.settings.linger = 0s;
  auto writer = station.Connect("/live");
  writer->Leave(station.now);
  EXPECT_EQ(station.registry().Collect(station.now), 0u);
  EXPECT_EQ(writer->mount().name(), "/live");
}

TEST(Registry, ShorteningTakesFromTheLongestAndStopsAtAFewPages) {
  Station station(/*arena_pages=*/64);
  station.settings.history = 3600s;
  const auto small = station.Connect("/small");
  const auto large = station.Connect("/large");
  PlayFrames(*small, 400);  // 10 pages
  PlayFrames(*large, 800);  // 20 pages
  EXPECT_TRUE(station.registry().ShortenLongest());
  EXPECT_EQ(small->mount().tape().oldest(), 0u);
  EXPECT_GT(large->mount().tape().oldest(), 0u);
  int times = 0;
  while (station.registry().ShortenLongest()) ASSERT_LT(++times, 64);
  EXPECT_GE(HistoryBytes(small->mount()), 2 * kPageBytes);
  EXPECT_GE(HistoryBytes(large->mount()), 2 * kPageBytes);
}

TEST(Registry, ThreadsMayFindClaimAndCollectAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 300;
  Station station(/*arena_pages=*/16, /*sources_max=*/kThreads);
  station.settings.linger = 0s;
  std::vector<std::thread> threads;
  for (int id = 0; id < kThreads; ++id) {
    threads.emplace_back([&station, id] {
      for (int i = 0; i < kRounds; ++i) {
        const std::string name = absl::StrCat("/", (id + i) % 3);
        auto writer =
            station.Claim(name, i % 2 == 0 ? "audio/mpeg" : "audio/aac", {.takeover = i % 3 == 0});
        if (writer.ok()) {
          PlayFrames(**writer, 5);
          (*writer)->Leave(station.now);
        }
        if (const MountRef mount = station.registry().Find(name)) {
          mount->SetTitle(name, "");
          (void)mount->Snap();
          (void)mount->tape().SyncBack(1s, UINT64_MAX);
        }
        station.registry().Collect(station.now);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  station.registry().Collect(station.now);
  EXPECT_EQ(station.registry().sources(), 0u);
  EXPECT_EQ(station.registry().mounts(), 0u);
  EXPECT_EQ(station.arena().pages_in_use(), 0u);
}

}  // namespace
}  // namespace floe::mount
