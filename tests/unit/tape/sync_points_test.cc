// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tape/tape.h"
#include "unit/tape/pattern.h"

namespace floe::tape {
namespace {

constexpr uint64_t kAnyBytes = UINT64_MAX;

// A station of constant bitrate: a frame is 100 ms and may be begun at.
class Station {
 public:
  static constexpr microseconds kFrame{100'000};
  static constexpr size_t kFrameBytes = 2000;

  explicit Station(uint32_t pages = 64) : arena_(ArenaOfPages(pages)), tape_(*arena_, 1) {}

  void Mark(uint32_t link = 1, bool needs_preamble = true) {
    tape_.MarkSync({.offset_bytes = tape_.appended(),
                    .played = played_,
                    .link = link,
                    .needs_preamble = needs_preamble});
  }
  void PlayFrame(microseconds frame = kFrame, size_t bytes = kFrameBytes) {
    ASSERT_TRUE(AppendPattern(tape_, bytes));
    played_ += frame;
    tape_.Publish(played_);
  }
  void PlayFrames(int count, microseconds frame = kFrame, size_t bytes = kFrameBytes) {
    for (int i = 0; i < count; ++i) {
      Mark();
      PlayFrame(frame, bytes);
    }
  }
  Tape& tape() { return tape_; }
  // In frames from the start; -1: none.
  int64_t Back(microseconds back, uint64_t bytes_max = kAnyBytes) {
    const std::optional<SyncPoint> point = tape_.SyncBack(back, bytes_max);
    return point.has_value() ? int64_t(point->offset_bytes / kFrameBytes) : -1;
  }

 private:
  std::unique_ptr<Arena> arena_;
  Tape tape_;
  microseconds played_{0};
};

TEST(SyncPoints, ThereIsNoneBeforeTheFirst) {
  Station station;
  EXPECT_FALSE(station.tape().NewestSync().has_value());
  station.PlayFrame();
  EXPECT_FALSE(station.tape().SyncBack(1s, kAnyBytes).has_value());
}

TEST(SyncPoints, APointIsNoPlaceToBeginUntilAudioBehindItIsPublished) {
  Station station;
  station.Mark();
  EXPECT_FALSE(station.tape().NewestSync().has_value());
  station.PlayFrame();
  EXPECT_EQ(station.Back(0s), 0);
  station.Mark();
  EXPECT_EQ(station.Back(0s), 0);
}

TEST(SyncPoints, SayWhereWhenAndWithWhichPreamble) {
  Station station;
  station.PlayFrames(3);
  station.Mark(/*link=*/7, /*needs_preamble=*/false);
  station.PlayFrame();
  const SyncPoint expected{.offset_bytes = 3 * Station::kFrameBytes,
                           .played = 3 * Station::kFrame,
                           .link = 7,
                           .needs_preamble = false};
  EXPECT_EQ(station.tape().NewestSync(), expected);
}

TEST(SyncPoints, ABurstIsAtLeastAsLongAsAskedForAndNoLongerThanItMust) {
  Station station;
  station.PlayFrames(100);  // ten seconds
  EXPECT_EQ(station.Back(0s), 99);
  EXPECT_EQ(station.Back(100ms), 99);
  EXPECT_EQ(station.Back(101ms), 98);
  EXPECT_EQ(station.Back(4s), 60);
  EXPECT_EQ(station.Back(10s), 0);
}

TEST(SyncPoints, WhenLessHasBeenPlayedTheBurstIsAllThereIs) {
  Station station;
  station.PlayFrames(10);
  EXPECT_EQ(station.Back(4s), 0);
  EXPECT_EQ(station.Back(microseconds::max()), 0);
}

TEST(SyncPoints, ABurstHasACapInBytes) {
  Station station;
  station.PlayFrames(100);
  EXPECT_EQ(station.Back(4s, 10 * Station::kFrameBytes), 90);
  EXPECT_EQ(station.Back(4s, 10 * Station::kFrameBytes + 1), 90);
  EXPECT_EQ(station.Back(4s, 10 * Station::kFrameBytes - 1), 91);
  EXPECT_EQ(station.Back(500ms, 10 * Station::kFrameBytes), 95);
  EXPECT_EQ(station.Back(4s, 1), 99) << "none within the cap: the newest";
}

TEST(SyncPoints, ATimeBeforeTheStartAsksForTheNewest) {
  Station station;
  station.PlayFrames(10);
  EXPECT_EQ(station.Back(-5s), 9);
}

TEST(SyncPoints, WhatIsTrimmedOffIsNoPlaceToBegin) {
  Station station;
  station.PlayFrames(200);
  station.tape().Trim(kPageBytes);
  const std::optional<SyncPoint> point = station.tape().SyncBack(1h, kAnyBytes);
  ASSERT_TRUE(point.has_value());
  EXPECT_GE(point->offset_bytes, station.tape().oldest());
  EXPECT_LT(point->offset_bytes, station.tape().oldest() + Station::kFrameBytes);
}

TEST(SyncPoints, WhenTheLastOneIsTrimmedOffThereIsNone) {
  Station station;
  station.PlayFrames(1);
  for (int i = 0; i < 200; ++i) station.PlayFrame();
  station.tape().Trim(kPageBytes);
  EXPECT_FALSE(station.tape().NewestSync().has_value());
}

TEST(SyncPoints, DiscardTakesBackThoseOfTheTornFrame) {
  Station station;
  station.PlayFrames(2);
  station.Mark();  // a keyframe that is torn
  ASSERT_TRUE(AppendPattern(station.tape(), 100));
  station.tape().Discard();
  station.PlayFrame();  // no keyframe
  EXPECT_EQ(station.Back(0s), 1);
}

TEST(SyncPoints, WhatIsMarkedTwiceAtOnePlaceIsAsSaidLast) {
  Station station;
  station.Mark(/*link=*/1);
  station.Mark(/*link=*/2, /*needs_preamble=*/false);
  station.PlayFrame();
  EXPECT_EQ(station.tape().NewestSync()->link, 2u);
  EXPECT_FALSE(station.tape().NewestSync()->needs_preamble);
}

TEST(SyncPoints, AreThinnedToOneIn50Milliseconds) {
  Station station;
  station.PlayFrames(9, /*frame=*/20ms, Station::kFrameBytes);  // marked at 0, 60 and 120 ms
  EXPECT_EQ(station.Back(0s), 6);
  EXPECT_EQ(station.Back(70ms), 3);
  EXPECT_EQ(station.Back(130ms), 0);
}

TEST(SyncPoints, OfAnotherLinkOrWithoutNeedOfAPreambleAreNotThinnedOut) {
  Station station;
  station.Mark(1);
  station.PlayFrame(10ms);
  station.Mark(2);
  station.PlayFrame(10ms);
  EXPECT_EQ(station.tape().NewestSync()->link, 2u);
  station.Mark(2, /*needs_preamble=*/false);
  station.PlayFrame(10ms);
  EXPECT_FALSE(station.tape().NewestSync()->needs_preamble);
}

TEST(SyncPoints, OfAStreamThatDoesNotKnowItsTimeAreThinnedByBytes) {
  Station station;
  station.PlayFrames(100, /*frame=*/0ms, Station::kFrameBytes);
  const uint64_t newest = station.tape().NewestSync()->offset_bytes;
  EXPECT_GE(newest + kSyncSpacingBytes + Station::kFrameBytes, station.tape().published());
}

TEST(SyncPoints, AreNoPlaceToBeginOnceForgotten) {
  Station station;
  station.PlayFrames(100);
  station.tape().Forget();
  EXPECT_FALSE(station.tape().NewestSync().has_value());
  station.PlayFrames(1);
  EXPECT_EQ(station.Back(10s), 100);
}

TEST(SyncPoints, WithoutATimeThePublishedAudioReachesToTheNewestPoint) {
  const auto arena = ArenaOfPages(4);
  Tape tape(*arena, 1);
  for (int i = 0; i < 10; ++i) {
    tape.MarkSync({.offset_bytes = tape.appended(), .played = i * 100ms, .link = 1});
    ASSERT_TRUE(Play(tape, 2000));
  }
  EXPECT_EQ(tape.played(), 900ms);
  EXPECT_EQ(tape.SyncBack(300ms, kAnyBytes)->played, 600ms);
}

TEST(SyncPoints, OutliveTheirRing) {
  Station station(/*pages=*/1024);
  constexpr int kFrames = 3 * kSyncPointsMax + 17;
  for (int i = 0; i < kFrames; ++i) {
    station.Mark();
    station.PlayFrame(Station::kFrame, /*bytes=*/Station::kFrameBytes);
    if (i % 512 == 0) station.tape().Trim(60 * kPageBytes);
  }
  EXPECT_EQ(station.Back(0s), kFrames - 1);
  EXPECT_EQ(station.Back(100s), kFrames - 1000);
}

// The writer laps the ring of points while readers search it. Points lie at multiples of 8 bytes
// with a time and a link that follow from the place, so a torn one is noticed.
TEST(SyncPoints, AReaderNeverSeesATornOne) {
  constexpr uint64_t kFrames = 12 * kSyncPointsMax;
  const auto arena = ArenaOfPages(64);
  Tape tape(*arena, 1);
  std::atomic<bool> is_over{false};
  std::vector<std::thread> readers;
  for (int id = 0; id < 3; ++id) {
    readers.emplace_back([&, id] {
      uint64_t last = 0;
      uint64_t found = 0;
      while (!is_over.load(std::memory_order_relaxed) || found == 0) {
        const std::optional<SyncPoint> point = tape.SyncBack(id * 60s, id == 2 ? 9999 : kAnyBytes);
        if (!point.has_value()) continue;
        ++found;
        const uint64_t frame = point->offset_bytes / 8;
        ASSERT_EQ(point->offset_bytes % 8, 0u);
        ASSERT_EQ(point->played, frame * 100ms);
        ASSERT_EQ(point->link, uint32_t(frame * 2654435761u));
        ASSERT_EQ(point->needs_preamble, frame % 3 == 0);
        ASSERT_GE(point->offset_bytes, last) << "time does not run backwards";
        last = point->offset_bytes;
      }
    });
  }
  const std::vector<std::byte> bytes(8);
  for (uint64_t frame = 0; frame < kFrames; ++frame) {
    tape.MarkSync({.offset_bytes = frame * 8,
                   .played = frame * 100ms,
                   .link = uint32_t(frame * 2654435761u),
                   .needs_preamble = frame % 3 == 0});
    ASSERT_TRUE(tape.Append(bytes));
    if (frame % 5 == 0) {
      // Torn: the point goes too, and comes again with the same frame.
      tape.Discard();
      tape.MarkSync({.offset_bytes = frame * 8,
                     .played = frame * 100ms,
                     .link = uint32_t(frame * 2654435761u),
                     .needs_preamble = frame % 3 == 0});
      ASSERT_TRUE(tape.Append(bytes));
    }
    tape.Publish((frame + 1) * 100ms);
  }
  is_over.store(true, std::memory_order_relaxed);
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace floe::tape
