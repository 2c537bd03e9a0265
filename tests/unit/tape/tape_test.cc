// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tape/tape.h"

#include <vector>

#include "gtest/gtest.h"
#include "unit/tape/pattern.h"

namespace floe::tape {
namespace {

TEST(Tape, WhatIsAppendedIsHeardOnlyWhenItIsPublished) {
  const auto arena = ArenaOfPages(8);
  Tape tape(*arena, /*id=*/1);
  ASSERT_TRUE(AppendPattern(tape, 400));
  EXPECT_EQ(tape.published(), 0u);
  EXPECT_EQ(tape.appended(), 400u);
  EXPECT_FALSE(tape.Page(0));
  tape.Publish();
  EXPECT_EQ(tape.published(), 400u);
  EXPECT_TRUE(IsReadable(tape, 0, 400));
}

TEST(Tape, FramesRunOnOverPageEdges) {
  const auto arena = ArenaOfPages(8);
  Tape tape(*arena, 1);
  while (tape.published() < 5 * kPageBytes) ASSERT_TRUE(Play(tape, 417));
  EXPECT_EQ(tape.oldest(), 0u);
  EXPECT_TRUE(IsReadable(tape, 0, tape.published()));
}

TEST(Tape, OneAppendMaySpanSeveralPages) {
  const auto arena = ArenaOfPages(8);
  Tape tape(*arena, 1);
  ASSERT_TRUE(Play(tape, 100));
  ASSERT_TRUE(Play(tape, 3 * kPageBytes));
  EXPECT_TRUE(IsReadable(tape, 0, 3 * kPageBytes + 100));
  EXPECT_EQ(arena->pages_in_use(), 4u);
}

TEST(Tape, PagesThatLieSideBySideAreOneSpan) {
  const auto arena = ArenaOfPages(64);
  Tape tape(*arena, 1);
  Tape other(*arena, 2);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Play(tape, kPageBytes));
    ASSERT_TRUE(Play(other, kPageBytes));
  }
  for (uint64_t n = 0; n + 1 < 4; ++n) {
    EXPECT_EQ(Index(tape.Page(n).slot()) + 1, Index(tape.Page(n + 1).slot()));
  }
}

TEST(Tape, DiscardGoesBackToTheLastBoundary) {
  const auto arena = ArenaOfPages(8);
  Tape tape(*arena, 1);
  ASSERT_TRUE(Play(tape, 1000));
  const std::vector<std::byte> garbage(3 * kPageBytes, std::byte{0xEE});
  ASSERT_TRUE(tape.Append(garbage));
  tape.Discard();
  EXPECT_EQ(tape.appended(), 1000u);
  EXPECT_EQ(arena->pages_in_use(), 1u) << "pages that held torn bytes only are given back";
  ASSERT_TRUE(Play(tape, 2 * kPageBytes));
  EXPECT_TRUE(IsReadable(tape, 0, tape.published()));
}

TEST(Tape, WhenTheArenaIsFullAnAppendTakesNothing) {
  const auto arena = ArenaOfPages(2);
  Tape tape(*arena, 1);
  ASSERT_TRUE(Play(tape, kPageBytes + 10));
  EXPECT_FALSE(Play(tape, 2 * kPageBytes));
  EXPECT_EQ(tape.appended(), kPageBytes + 10);
  EXPECT_TRUE(Play(tape, kPageBytes - 10)) << "what still fits is taken";
  EXPECT_TRUE(IsReadable(tape, 0, 2 * kPageBytes));
}

TEST(Tape, AFailedAppendGivesBackThePagesItHadTaken) {
  const auto arena = ArenaOfPages(3);
  Tape tape(*arena, 1);
  Tape other(*arena, 2);
  ASSERT_TRUE(Play(tape, 10));
  EXPECT_FALSE(AppendPattern(tape, 3 * kPageBytes));
  EXPECT_EQ(arena->pages_in_use(), 1u);
  EXPECT_TRUE(Play(other, 2 * kPageBytes));
}

TEST(Tape, TrimDropsWholePagesAndKeepsAtLeastWhatItIsTold) {
  const auto arena = ArenaOfPages(8);
  Tape tape(*arena, 1);
  ASSERT_TRUE(Play(tape, 5 * kPageBytes + 100));
  tape.Trim(2 * kPageBytes);
  EXPECT_EQ(tape.oldest(), 3 * kPageBytes);
  EXPECT_EQ(arena->pages_in_use(), 3u);
  EXPECT_FALSE(tape.Page(2));
  EXPECT_TRUE(IsReadable(tape, 3 * kPageBytes, tape.published()));
  tape.Trim(UINT64_MAX);
  EXPECT_EQ(tape.oldest(), 3 * kPageBytes) << "what is dropped does not come back";
  tape.Trim(0);
  EXPECT_EQ(tape.oldest(), 5 * kPageBytes) << "the page under way stays";
  ASSERT_TRUE(Play(tape, kPageBytes));
  EXPECT_TRUE(IsReadable(tape, tape.oldest(), tape.published()));
}

TEST(Tape, TrimmedToNothingAtAPageEdgeItGoesOn) {
  const auto arena = ArenaOfPages(4);
  Tape tape(*arena, 1);
  ASSERT_TRUE(Play(tape, 2 * kPageBytes));
  tape.Trim(0);
  EXPECT_EQ(arena->pages_in_use(), 0u);
  EXPECT_EQ(tape.oldest(), tape.published());
  ASSERT_TRUE(Play(tape, 10));
  EXPECT_TRUE(IsReadable(tape, 2 * kPageBytes, 2 * kPageBytes + 10));
}

TEST(Tape, ThePageThatWasDroppedIsTheNextOneUsed) {
  const auto arena = ArenaOfPages(256);
  Tape tape(*arena, 1);
  std::vector<bool> touched(256);
  for (int i = 0; i < 1000; ++i) {
    tape.Trim(3 * kPageBytes);
    ASSERT_TRUE(Play(tape, kPageBytes));
    touched[Index(tape.Page(tape.published() / kPageBytes - 1).slot())] = true;
  }
  EXPECT_LE(std::count(touched.begin(), touched.end(), true), 5)
      << "a mount must not wander through the arena: what it touched stays resident";
}

TEST(Tape, AFullRingLapsItsOldestPage) {
  const auto arena = ArenaOfPages(16);
  Tape tape(*arena, 1, /*pages_max=*/4);
  for (uint64_t n = 0; n < 30; ++n) {
    ASSERT_TRUE(Play(tape, kPageBytes));
    const uint64_t oldest = n < 4 ? 0 : (n - 3) * kPageBytes;
    ASSERT_EQ(tape.oldest(), oldest);
    ASSERT_TRUE(IsReadable(tape, oldest, tape.published()));
    ASSERT_LE(arena->pages_in_use(), 4u);
  }
  EXPECT_FALSE(tape.Page(25));
}

TEST(Tape, AReaderThatIsLappedKeepsWhatItHoldsUntilItLetsGo) {
  const auto arena = ArenaOfPages(8);
  Tape tape(*arena, 1, /*pages_max=*/4);
  ASSERT_TRUE(Play(tape, kPageBytes));
  {
    const PageRef held = tape.Page(0);
    ASSERT_TRUE(held);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Play(tape, kPageBytes));
    EXPECT_TRUE(IsPattern(1, 0, {held.data(), kPageBytes}));
    EXPECT_FALSE(tape.Page(0));
    EXPECT_EQ(arena->pages_in_use(), 5u);
  }
  EXPECT_EQ(arena->pages_in_use(), 4u);
}

TEST(Tape, TheWriterGoesOnWhileEveryPageIsHeldAndStopsOnlyWhenTheArenaIsFull) {
  const auto arena = ArenaOfPages(12);
  Tape tape(*arena, 1, /*pages_max=*/4);
  std::vector<PageRef> held;
  uint64_t n = 0;
  for (; Play(tape, kPageBytes); ++n) held.push_back(tape.Page(n));
  EXPECT_EQ(n, 12u);
  for (uint64_t i = 0; i < n; ++i) {
    EXPECT_TRUE(IsPattern(1, i * kPageBytes, {held[i].data(), kPageBytes}));
  }
  held.clear();
  EXPECT_TRUE(Play(tape, kPageBytes));
}

TEST(Tape, WhatIsNotPublishedNeverLapsWhatIs) {
  const auto arena = ArenaOfPages(16);
  Tape tape(*arena, 1, /*pages_max=*/4);
  ASSERT_TRUE(Play(tape, 100));
  ASSERT_TRUE(AppendPattern(tape, 4 * kPageBytes - 100));
  EXPECT_FALSE(AppendPattern(tape, 1));
  EXPECT_TRUE(IsReadable(tape, 0, 100));
}

TEST(Tape, ItsPagesGoHomeWithItButNotThoseThatAreStillRead) {
  const auto arena = ArenaOfPages(8);
  PageRef held;
  {
    Tape tape(*arena, 1);
    ASSERT_TRUE(Play(tape, 3 * kPageBytes));
    held = tape.Page(1);
  }
  EXPECT_EQ(arena->pages_in_use(), 1u);
  EXPECT_TRUE(IsPattern(1, kPageBytes, {held.data(), kPageBytes}));
  held = PageRef();
  EXPECT_EQ(arena->pages_in_use(), 0u);
}

TEST(Tape, APageRefMovesAndLetsGoOnce) {
  const auto arena = ArenaOfPages(4);
  Tape tape(*arena, 1);
  ASSERT_TRUE(Play(tape, 2 * kPageBytes));
  PageRef first = tape.Page(0);
  PageRef second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT: a moved-from ref is empty, and says so
  EXPECT_TRUE(second);
  second = tape.Page(1);
  tape.Trim(0);
  EXPECT_EQ(arena->pages_in_use(), 1u);
  EXPECT_TRUE(IsPattern(1, kPageBytes, {second.data(), kPageBytes}));
}

TEST(Tape, TapesOfOneArenaDoNotHearEachOther) {
  const auto arena = ArenaOfPages(8);
  Tape jazz(*arena, 1);
  Tape news(*arena, 2);
  for (int i = 0; i < 200; ++i) {
    jazz.Trim(2 * kPageBytes);
    ASSERT_TRUE(Play(jazz, 10'000));
    news.Trim(kPageBytes);
    ASSERT_TRUE(Play(news, 17'000));
  }
  EXPECT_TRUE(IsReadable(jazz, jazz.oldest(), jazz.published()));
  EXPECT_TRUE(IsReadable(news, news.oldest(), news.published()));
}

}  // namespace
}  // namespace floe::tape
