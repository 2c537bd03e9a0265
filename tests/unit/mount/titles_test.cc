// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/titles.h"

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "unit/mount/station.h"

namespace floe::mount {
namespace {

TEST(Titles, ATitleHoldsFromTheBoundaryWhereTheWriterNextPublishes) {
  Station station;
  const auto writer = station.Connect("/live");
  Mount& mount = writer->mount();
  PlayFrames(*writer, 3);
  mount.SetTitle("Artist - Song", "http://example.com/");
  EXPECT_EQ(mount.newest_title(), 0u);
  PlayFrame(*writer);
  ASSERT_EQ(mount.newest_title(), 1u);
  const std::vector<TitleMark> marks = TitlesOf(mount);
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].sequence, 1u);
  EXPECT_EQ(marks[0].offset_bytes, 4 * kFrameBytes);
  EXPECT_EQ(marks[0].title, "Artist - Song");
  EXPECT_EQ(marks[0].url, "http://example.com/");
}

TEST(Titles, ATitleWithinTheStreamHoldsFromExactlyWhereItCame) {
  Station station;
  const auto writer = station.Connect("/live");
  Mount& mount = writer->mount();
  PlayFrames(*writer, 2);
  writer->Append(Bytes("half "));
  writer->SetTitleHere("Now", "u");
  EXPECT_EQ(mount.newest_title(), 0u) << "not before the audio that it belongs to";
  writer->Append(Bytes("frame"));
  writer->Boundary(kFrame);
  const std::vector<TitleMark> marks = TitlesOf(mount);
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].offset_bytes, 2 * kFrameBytes + 5);
  EXPECT_EQ(marks[0].title, "Now");
  EXPECT_EQ(marks[0].url, "u");
}

TEST(Titles, ATitleOutlivesTheTornFrameItCameIn) {
  Station station;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 2);
  writer->Append(Bytes("torn"));
  writer->Title("Now");
  writer->Discard();
  PlayFrame(*writer);
  const std::vector<TitleMark> marks = TitlesOf(writer->mount());
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].offset_bytes, 2 * kFrameBytes);
}

TEST(Titles, TheSameTitleAgainIsNoNewMark) {
  Station station;
  const auto writer = station.Connect("/live");
  Mount& mount = writer->mount();
  for (int i = 0; i < 5; ++i) {
    mount.SetTitle("A", "u");
    PlayFrame(*writer);
    writer->SetTitleHere("A", "u");
    PlayFrame(*writer);
  }
  EXPECT_EQ(mount.newest_title(), 1u);
  mount.SetTitle("A", "other");
  PlayFrame(*writer);
  EXPECT_EQ(mount.newest_title(), 2u);
}

TEST(Titles, OfTitlesSetBetweenTwoBoundariesTheLastHolds) {
  Station station;
  const auto writer = station.Connect("/live");
  Mount& mount = writer->mount();
  mount.SetTitle("A", "");
  PlayFrame(*writer);
  mount.SetTitle("B", "");
  mount.SetTitle("A", "");
  PlayFrame(*writer);
  EXPECT_EQ(mount.newest_title(), 1u);
  EXPECT_EQ(mount.Snap().title, "A");
}

TEST(Titles, AStatusPageShowsATitleAtOnce) {
  Station station;
  const auto writer = station.Connect("/live");
  writer->mount().SetTitle("Soon", "u");
  EXPECT_EQ(writer->mount().Snap().title, "Soon");
  EXPECT_EQ(writer->mount().Snap().title_url, "u");
}

TEST(Titles, AReaderIsToldOnlyWhatItDoesNotKnow) {
  Station station;
  const auto writer = station.Connect("/live");
  for (const char* title : {"A", "B", "C"}) {
    writer->mount().SetTitle(title, "");
    PlayFrame(*writer);
  }
  const std::vector<TitleMark> marks = TitlesOf(writer->mount(), /*after_sequence=*/1);
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].title, "B");
  EXPECT_EQ(marks[1].title, "C");
  EXPECT_TRUE(TitlesOf(writer->mount(), 3).empty());
}

TEST(Titles, OnlyTheNewestAreKept) {
  Station station;
  const auto writer = station.Connect("/live");
  for (uint32_t i = 0; i < kTitlesKept + 5; ++i) {
    writer->mount().SetTitle(absl::StrCat("Song ", i), "");
    PlayFrame(*writer);
  }
  const std::vector<TitleMark> marks = TitlesOf(writer->mount());
  ASSERT_EQ(marks.size(), kTitlesKept);
  EXPECT_EQ(marks.front().sequence, 6u);
  EXPECT_EQ(marks.back().sequence, writer->mount().newest_title());
}

TEST(Titles, ALongTitleIsCutAtACharacter) {
  Station station;
  const auto writer = station.Connect("/live");
  std::string title(kTitleBytesMax - 1, 'x');
  title += "\xC3\xA4\xC3\xB6";  // the first of them would be cut in two
  writer->mount().SetTitle(title, "");
  EXPECT_EQ(writer->mount().Snap().title, std::string(kTitleBytesMax - 1, 'x'));
  writer->mount().SetTitle(std::string(100'000, 'y'), std::string(100'000, 'z'));
  EXPECT_EQ(writer->mount().Snap().title.size(), kTitleBytesMax);
  EXPECT_EQ(writer->mount().Snap().title_url.size(), kTitleBytesMax);
}

TEST(Titles, ATitleSetWhileNoSourceIsThereIsTheFirstOfTheNextOne) {
  Station station;
  const auto mount = station.registry().FindOrCreate("/live", station.settings);
  ASSERT_TRUE(mount.ok());
  (*mount)->SetTitle("Early", "");
  EXPECT_EQ((*mount)->newest_title(), 0u);
  const auto writer = station.Connect("/live");
  PlayFrame(*writer);
  const std::vector<TitleMark> marks = TitlesOf(**mount);
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].offset_bytes, 0u);
  EXPECT_EQ(marks[0].title, "Early");
}

TEST(Titles, AReturningSourceKeepsItsTitleAndALaterOneDoesNot) {
  Station station;
  station.settings.linger = 10s;
  auto writer = station.Connect("/live");
  writer->mount().SetTitle("Song", "");
  PlayFrame(*writer);
  writer->Leave(station.now);
  writer = station.Connect("/live");
  PlayFrame(*writer);
  EXPECT_EQ(writer->mount().Snap().title, "Song");
  writer->Leave(station.now);
  station.now += 10s;
  writer = station.Connect("/live");
  EXPECT_EQ(writer->mount().Snap().title, "");
  const std::vector<TitleMark> marks = TitlesOf(writer->mount());
  EXPECT_EQ(marks.back().title, "");
  EXPECT_EQ(marks.back().offset_bytes, writer->mount().tape().published());
}

// Titles are set by several threads while frames are published. Whoever sees audio published
// must see every title that holds within it.
TEST(Titles, AMarkIsVisibleBeforeAnyAudioBehindItIsPublished) {
  constexpr int kFrames = 10'000;
  Station station;
  const auto writer = station.Connect("/live");
  Mount& mount = writer->mount();
  std::atomic<bool> is_over{false};
  std::latch start(5);

  std::vector<std::thread> threads;
  for (int id = 0; id < 2; ++id) {
    threads.emplace_back([&, id] {
      start.arrive_and_wait();
      for (int i = 0; !is_over.load(); ++i) mount.SetTitle(absl::StrCat(id, " ", i), "");
    });
  }
  // What a reader saw, to be compared with all marks at the end: at that published offset it
  // knew of no mark newer than that one.
  struct Sight {
    uint64_t published;
    uint32_t newest;
  };
  std::vector<std::vector<Sight>> sights(2);
  for (auto& seen : sights) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      while (!is_over.load()) {
        const uint64_t published = mount.tape().published();
        const uint32_t newest = mount.newest_title();
        if (seen.empty() || seen.back().published != published) seen.push_back({published, newest});
        std::vector<TitleMark> marks;
        mount.CopyTitles(newest == 0 ? 0 : newest - 1, &marks);
        ASSERT_TRUE(newest == 0 || !marks.empty()) << "what is announced can be copied";
      }
    });
  }
  std::vector<TitleMark> all;
  start.arrive_and_wait();
  for (int i = 0; i < kFrames; ++i) {
    PlayFrame(*writer);
    mount.CopyTitles(all.empty() ? 0 : all.back().sequence, &all);
  }
  is_over.store(true);
  for (std::thread& thread : threads) thread.join();

  ASSERT_EQ(all.size(), mount.newest_title());
  for (const auto& seen : sights) {
    for (const Sight& sight : seen) {
      // Marks have one offset each, rising; the first one not known lay ahead.
      if (sight.newest < all.size()) {
        ASSERT_GE(all[sight.newest].offset_bytes, sight.published);
      }
    }
  }
}

}  // namespace
}  // namespace floe::mount
