// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Who may be a mount's source, and what its listeners notice when sources come and go.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "unit/mount/station.h"

namespace floe::mount {
namespace {

constexpr ClaimRules kTakeover{.takeover = true};
constexpr ClaimRules kYields{.yields = true};
constexpr ClaimRules kFetched{.is_fetched = true};

TEST(Claim, TheFirstSourceMakesTheMountAndIsLive) {
  Station station;
  const auto writer = station.Connect("/live");
  EXPECT_EQ(writer->mount().phase(), Phase::kLive);
  EXPECT_TRUE(writer->mount().Snap().live);
  EXPECT_EQ(station.registry().Find("/live").get(), &writer->mount());
  EXPECT_EQ(station.registry().sources(), 1u);
}

TEST(Claim, ASecondSourceIsTurnedAwayAndTheFirstGoesOn) {
  Station station;
  const auto first = station.Connect("/live");
  EXPECT_EQ(station.Claim("/live").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(station.registry().sources(), 1u);
  EXPECT_FALSE(first->revoked());
  PlayFrames(*first, 1);
  EXPECT_EQ(first->mount().tape().published(), kFrameBytes);
}

TEST(Claim, ATakeoverIsForThoseWhoMay) {
  Station station;
  const auto first = station.Connect("/live");
  PlayFrames(*first, 2);
  const auto second = station.Connect("/live", "audio/mpeg", kTakeover);
  EXPECT_TRUE(first->revoked());
  EXPECT_FALSE(second->revoked());
  EXPECT_EQ(station.registry().sources(), 1u);
  EXPECT_EQ(second->mount().epoch(), 0u) << "the same media: listeners hear on";
}

TEST(Claim, AfterATakeoverTheOldSourceHasNoEffectWhateverItDoes) {
  Station station;
  const auto first = station.Connect("/live");
  PlayFrames(*first, 2);
  first->Append(std::vector<std::byte>(700));  // half a frame
  const auto second = station.Connect("/live", "audio/mpeg", kTakeover);
  Mount& mount = second->mount();

  first->Append(std::vector<std::byte>(900));
  first->Boundary(kFrame);
  PlayFrame(*first);
  first->SetTitleHere("Old", "");
  first->BeginLink(Bytes("old"));
  first->Found({.codec = audio::Codec::kVorbis});
  first->Report({.frames = 99}, 99);
  first->Discard();
  EXPECT_EQ(mount.tape().published(), 2 * kFrameBytes);
  EXPECT_EQ(mount.tape().appended(), 2 * kFrameBytes) << "the half frame is gone";
  EXPECT_EQ(mount.Snap().received_bytes, 0u);

  PlayFrame(*second);
  first->Leave(station.now);
  EXPECT_EQ(mount.phase(), Phase::kLive);
  EXPECT_EQ(station.registry().sources(), 1u);
  EXPECT_EQ(mount.tape().published(), 3 * kFrameBytes);
  EXPECT_TRUE(TitlesOf(mount).empty());
}

TEST(Claim, AFileThatPlaysMeanwhileGivesWayToAnySourceAndDoesNotCount) {
  Station station(/*arena_pages=*/16, /*sources_max=*/1);
  const auto file = station.Connect("/demo", "audio/mpeg", kYields);
  EXPECT_EQ(station.registry().sources(), 0u);
  EXPECT_EQ(station.Claim("/demo", "audio/mpeg", kYields).status().code(),
            absl::StatusCode::kAlreadyExists);
  const auto source = station.Connect("/demo");
  EXPECT_TRUE(file->revoked());
  EXPECT_EQ(station.registry().sources(), 1u);
  EXPECT_EQ(station.Claim("/demo", "audio/mpeg", kYields).status().code(),
            absl::StatusCode::kAlreadyExists);
  source->Leave(station.now);
  EXPECT_EQ(station.registry().sources(), 0u);
}

TEST(Claim, SourcesAreLimitedButATakeoverAddsNone) {
  Station station(/*arena_pages=*/16, /*sources_max=*/2);
  const auto one = station.Connect("/1");
  auto two = station.Connect("/2");
  EXPECT_EQ(station.Claim("/3").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(station.registry().Find("/3")) << "a refused source makes no mount";
  const auto again = station.Connect("/1", "audio/mpeg", kTakeover);
  EXPECT_EQ(station.registry().sources(), 2u);
  two->Leave(station.now);
  EXPECT_EQ(station.registry().sources(), 1u);
  EXPECT_TRUE(station.Claim("/3").ok());
}

TEST(Claim, MountsAreLimited) {
  Station station(/*arena_pages=*/16, /*sources_max=*/8, /*mounts_max=*/1);
  const auto one = station.Connect("/1");
  EXPECT_EQ(station.Claim("/2").status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(Claim, WhenASourceLeavesItsListenersWaitForItsReturn) {
  Station station;
  station.settings.linger = 10s;
  auto writer = station.Connect("/live");
  PlayFrames(*writer, 3);
  writer->Append(std::vector<std::byte>(100));  // torn by the disconnect
  writer->Leave(station.now);
  const MountRef mount = station.registry().Find("/live");
  EXPECT_EQ(mount->phase(), Phase::kLingering);
  EXPECT_EQ(mount->lingering_since(), station.now);
  EXPECT_FALSE(mount->LingerIsOver(station.now + 9s));
  EXPECT_TRUE(mount->LingerIsOver(station.now + 10s));

  station.now += 9s;
  const auto again = station.Connect("/live");
  PlayFrames(*again, 1);
  EXPECT_EQ(mount->phase(), Phase::kLive);
  EXPECT_EQ(mount->epoch(), 0u);
  EXPECT_EQ(mount->tape().published(), 4 * kFrameBytes) << "the tape goes on, without the torn";
  EXPECT_EQ(mount->tape().SyncBack(1s, UINT64_MAX)->offset_bytes, 0u)
      << "a burst may reach back before the gap";
}

TEST(Claim, WithoutLingerListenersAreClosedAtOnce) {
  Station station;
  station.settings.linger = 0s;
  const auto writer = station.Connect("/live");
  writer->Leave(station.now);
  EXPECT_EQ(writer->mount().phase(), Phase::kEmpty);
}

TEST(Claim, AWriterThatIsDestroyedWithoutLeavingClosesItsListeners) {
  Station station;
  station.Connect("/live").reset();
  EXPECT_EQ(station.registry().Find("/live")->phase(), Phase::kEmpty);
  EXPECT_EQ(station.registry().sources(), 0u);
}

TEST(Claim, LeavingTwiceIsLeavingOnce) {
  Station station;
  auto writer = station.Connect("/live");
  writer->Leave(station.now);
  writer->Leave(station.now + 1s);
  EXPECT_FALSE(writer->revoked()) << "it left by itself";
  writer.reset();
  EXPECT_EQ(station.registry().sources(), 0u);
  EXPECT_EQ(station.registry().Find("/live")->phase(), Phase::kLingering);
}

TEST(Claim, AudioFromBeforeAnEmptyMountIsNotHeardAgain) {
  Station station;
  station.settings.linger = 1s;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 200);
  writer->Leave(station.now);
  station.now += 1s;  // nobody collected meanwhile
  const auto later = station.Connect("/live");
  Mount& mount = later->mount();
  EXPECT_FALSE(mount.tape().NewestSync().has_value());
  PlayFrame(*later);
  EXPECT_EQ(mount.tape().SyncBack(10s, UINT64_MAX)->offset_bytes, 200 * kFrameBytes);
  EXPECT_EQ(mount.epoch(), 0u);
}

TEST(Claim, WhoStillHearsTheRestOfTheLastSourceHearsItWhenTheNextOneComes) {
  Station station;
  auto first = station.Connect("/live");
  PlayFrames(*first, int(2 * kPageBytes / kFrameBytes));
  const MountRef mount = station.registry().Find("/live");
  const uint64_t rest = HistoryBytes(*mount);
  first.reset();
  auto next = station.Connect("/live");
  EXPECT_EQ(mount->tape().NewestSync(), std::nullopt);
  EXPECT_EQ(HistoryBytes(*mount), rest);
}

TEST(Claim, AnotherContentTypeIsAnotherEpoch) {
  Station station;
  const auto first = station.Connect("/live", "audio/mpeg");
  first->SetTitleHere("Song", "");
  first->BeginLink(Bytes("old"));
  PlayFrames(*first, 5);
  first->Leave(station.now);
  const auto second = station.Connect("/live", "application/ogg");
  Mount& mount = second->mount();
  EXPECT_EQ(mount.epoch(), 1u);
  EXPECT_EQ(mount.Snap().epoch, 1u);
  EXPECT_EQ(mount.Snap().title, "");
  EXPECT_FALSE(mount.tape().NewestSync().has_value()) << "nobody begins in what was before";
  PlayFrame(*second);
  const auto point = mount.tape().SyncBack(10s, UINT64_MAX);
  ASSERT_TRUE(point.has_value());
  EXPECT_EQ(point->offset_bytes, 5 * kFrameBytes);
  const PreambleRef preamble = mount.PreambleOf(point->link);
  ASSERT_TRUE(preamble);
  EXPECT_TRUE(preamble.bytes().empty()) << "not the preamble of the old link";
}

TEST(Claim, ParametersAndCaseMakeNoOtherContentType) {
  EXPECT_TRUE(IsSameMedia("audio/ogg; codecs=opus", "Audio/OGG"));
  EXPECT_TRUE(IsSameMedia(" audio/mpeg ;x=y", "audio/mpeg"));
  EXPECT_FALSE(IsSameMedia("audio/ogg", "audio/mpeg"));
  EXPECT_FALSE(IsSameMedia("audio/ogg", "application/ogg"));
  EXPECT_TRUE(IsSameMedia("", ""));
}

TEST(Claim, TheSnapshotShowsTheNewSourceAndNothingOfTheOldOne) {
  Station station;
  const auto first = station.Connect("/live");
  first->Found({.codec = audio::Codec::kMp3, .bitrate_bps = 128'000});
  audio::FramerStats stats;
  stats.frames = 7;
  first->Report(stats, 4711);
  Snapshot snap = first->mount().Snap();
  EXPECT_EQ(snap.parameters.bitrate_bps, 128'000u);
  EXPECT_EQ(snap.framer.frames, 7u);
  EXPECT_EQ(snap.received_bytes, 4711u);
  const auto second = station.Connect("/live", "audio/aac", kTakeover);
  snap = second->mount().Snap();
  EXPECT_EQ(snap.parameters, audio::Parameters{});
  EXPECT_EQ(snap.framer.frames, 0u);
  EXPECT_EQ(snap.received_bytes, 0u);
  EXPECT_EQ(snap.received_before_bytes, 4711u) << "of the mount, all that ever came";
  EXPECT_EQ(snap.source.content_type, "audio/aac");
}

TEST(Claim, WhatTheMountSaysOfItselfGoesOverWhatItsSourceSays) {
  Station station;
  station.settings.stream_name = "Floe FM";
  station.settings.stream_genre = "Jazz";
  SourceInfo info;
  info.name = "Unnamed Server";
  info.description = "mine";
  const auto writer =
      station.registry().Claim("/live", info, station.settings, ClaimRules{}, station.now);
  ASSERT_TRUE(writer.ok());
  const Snapshot snap = (*writer)->mount().Snap();
  EXPECT_EQ(snap.source.name, "Floe FM");
  EXPECT_EQ(snap.source.genre, "Jazz");
  EXPECT_EQ(snap.source.description, "mine");
}

// Sources on several threads fight for one mount. Each frame is one byte value from end to end:
// a tape that two wrote at once would have a mixed or a torn one.
TEST(Claim, SourcesThatTakeOverFromEachOtherNeverWriteTogether) {
  constexpr int kThreads = 4;
  constexpr int kClaims = 100;
  constexpr size_t kBytes = 1000;
  Station station(/*arena_pages=*/256);
  station.settings.history = 3600s;
  std::vector<std::thread> threads;
  for (int id = 0; id < kThreads; ++id) {
    threads.emplace_back([&station, id] {
      for (int i = 0; i < kClaims; ++i) {
        const auto writer = station.Connect("/live", "audio/mpeg", kTakeover);
        for (int frame = 0; frame < 20 && !writer->revoked(); ++frame) {
          writer->SyncPoint(true);
          const std::vector<std::byte> half(kBytes / 2, std::byte(id + 1));
          writer->Append(half);
          if (frame == 10) std::this_thread::yield();  // in the middle of a frame
          writer->Append(half);
          writer->Boundary(kFrame);
        }
        writer->Leave(kStart);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  const MountRef mount = station.registry().Find("/live");
  EXPECT_EQ(station.registry().sources(), 0u);
  ASSERT_GT(mount->tape().published(), 0u);
  ASSERT_EQ(mount->tape().published() % kBytes, 0u);
  uint64_t at = (mount->tape().oldest() + kBytes - 1) / kBytes * kBytes;
  for (; at < mount->tape().published(); at += kBytes) {
    const std::vector<std::byte> frame = Heard(*mount, at, kBytes);
    ASSERT_EQ(frame.size(), kBytes);
    ASSERT_EQ(std::count(frame.begin(), frame.end(), frame.front()), int64_t{kBytes}) << at;
    ASSERT_NE(frame.front(), std::byte{0});
  }
}

TEST(Claim, WhatIsFetchedHasItsMountAndNoPlaceAmongTheSources) {
  Station station(/*arena_pages=*/8, /*sources_max=*/1);
  auto file = station.Connect("/live", "audio/mpeg", kYields);
  auto relay = station.Connect("/live", "audio/mpeg", kFetched);
  EXPECT_TRUE(file->revoked()) << "a file makes way for it, as for any source";
  auto other = station.Connect("/other", "audio/mpeg", kFetched);
  EXPECT_EQ(station.registry().sources(), 0u);
  EXPECT_FALSE(relay->mount().HasCountedSource());

  EXPECT_EQ(station.Claim("/live").status().code(), absl::StatusCode::kAlreadyExists);
  auto source = station.Connect("/live", "audio/mpeg", {.takeover = true});
  EXPECT_TRUE(relay->revoked());
  EXPECT_EQ(station.registry().sources(), 1u);
  source->Leave(station.now);
  other->Leave(station.now);
  EXPECT_EQ(station.registry().sources(), 0u);
}

}  // namespace
}  // namespace floe::mount
