// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A tape that goes over to the next process: the same bytes, over the same pages.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/tape/pattern.h"

namespace floe::tape {
namespace {

using testing::HasSubstr;

constexpr uint32_t kTapeId = 5;
constexpr uint32_t kArenaPages = 16;
constexpr uint32_t kRingPages = 4;

// The same arena in the next process, which maps the memfd that it was given.
absl::StatusOr<std::unique_ptr<Arena>> MappedAgain(const Arena& arena, uint32_t pages) {
  return Arena::Map(dup(arena.memfd()), uint64_t{pages} * kPageBytes);
}

SyncPoint SyncAt(const Tape& tape, microseconds played, uint32_t link = 1) {
  return {.offset_bytes = tape.appended(), .played = played, .link = link, .needs_preamble = true};
}

// A tape of the process before, and the one that is made of it in the next.
class TapeState : public testing::Test {
 protected:
  // What of the tape before is read out and made again. False with `status_` when it is refused.
  bool HandOver(const std::function<void(tape::TapeState*)>& change = [](auto*) {}) {
    tape::TapeState state = before_.state();
    change(&state);
    restored_.reset();
    next_arena_ = MappedAgain(*arena_, kArenaPages).value();
    restored_ = std::make_unique<Tape>(*next_arena_, /*id=*/0, kRingPages);
    status_ = restored_->Restore(state);
    return status_.ok();
  }
  Tape& restored() { return *restored_; }

  std::unique_ptr<Arena> arena_ = ArenaOfPages(kArenaPages);
  Tape before_{*arena_, kTapeId, kRingPages};
  absl::Status status_;
  std::unique_ptr<Arena> next_arena_;
  std::unique_ptr<Tape> restored_;
};

TEST_F(TapeState, ATapeWithoutAudioGoesOn) {
  ASSERT_TRUE(HandOver()) << status_;
  EXPECT_EQ(restored().id(), kTapeId);
  EXPECT_EQ(restored().published(), 0u);
  ASSERT_TRUE(Play(restored(), 100));
  EXPECT_TRUE(IsReadable(restored(), 0, 100));
}

TEST_F(TapeState, ItsBytesAreReadFromTheSamePagesAndAppendsGoOnAtTheByte) {
  ASSERT_TRUE(Play(before_, 2 * kPageBytes + 4711));
  ASSERT_TRUE(HandOver()) << status_;
  EXPECT_EQ(restored().published(), before_.published());
  EXPECT_EQ(restored().oldest(), 0u);
  EXPECT_EQ(next_arena_->pages_in_use(), arena_->pages_in_use());
  ASSERT_TRUE(Play(restored(), kPageBytes));
  EXPECT_TRUE(IsReadable(restored(), 0, 3 * kPageBytes + 4711));
}

TEST_F(TapeState, WhatIsNotPublishedYetIsFinishedByTheNextProcess) {
  ASSERT_TRUE(Play(before_, 1000));
  ASSERT_TRUE(AppendPattern(before_, kPageBytes));
  ASSERT_TRUE(HandOver()) << status_;
  EXPECT_EQ(restored().published(), 1000u);
  EXPECT_EQ(restored().appended(), 1000u + kPageBytes);
  ASSERT_TRUE(AppendPattern(restored(), 10));
  restored().Publish();
  EXPECT_TRUE(IsReadable(restored(), 0, 1010 + kPageBytes));
}

TEST_F(TapeState, WhatIsNotPublishedYetCanBeDiscardedByTheNextProcess) {
  ASSERT_TRUE(Play(before_, 1000));
  before_.MarkSync(SyncAt(before_, 1s));
  ASSERT_TRUE(AppendPattern(before_, 2 * kPageBytes));
  ASSERT_TRUE(HandOver()) << status_;
  restored().Discard();
  EXPECT_EQ(restored().appended(), 1000u);
  EXPECT_EQ(next_arena_->pages_in_use(), 1u);
  ASSERT_TRUE(Play(restored(), 1000));
  EXPECT_EQ(restored().NewestSync(), std::nullopt);
}

TEST_F(TapeState, PagesThatWereTrimmedAreFreeInTheNextProcessToo) {
  ASSERT_TRUE(Play(before_, 3 * kPageBytes + 10));
  before_.Trim(kPageBytes);
  ASSERT_TRUE(HandOver()) << status_;
  EXPECT_EQ(restored().oldest(), 2 * kPageBytes);
  EXPECT_EQ(next_arena_->pages_in_use(), 2u);
  EXPECT_FALSE(restored().Page(1));
  EXPECT_TRUE(IsReadable(restored(), 2 * kPageBytes, 3 * kPageBytes + 10));
}

TEST_F(TapeState, ATapeThatWentRoundItsRingGoesOnRoundIt) {
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(Play(before_, kPageBytes - 7));
  ASSERT_GT(before_.oldest(), 0u);
  ASSERT_TRUE(HandOver()) << status_;
  EXPECT_EQ(restored().oldest(), before_.oldest());
  EXPECT_TRUE(IsReadable(restored(), restored().oldest(), restored().published()));
  for (int i = 0; i < 11; ++i) {
    ASSERT_TRUE(Play(restored(), kPageBytes - 7));
    EXPECT_TRUE(IsReadable(restored(), restored().oldest(), restored().published()));
    EXPECT_LE(next_arena_->pages_in_use(), kRingPages);
  }
}

TEST_F(TapeState, ListenersBeginAtTheSamePlaces) {
  for (int i = 0; i < 8; ++i) {
    before_.MarkSync(SyncAt(before_, i * 1s, /*link=*/uint32_t(1 + i / 4)));
    ASSERT_TRUE(AppendPattern(before_, 20'000));
    before_.Publish((i + 1) * 1s);
  }
  ASSERT_TRUE(HandOver()) << status_;
  EXPECT_EQ(restored().played(), 8s);
  for (const microseconds back : {0s, 1s, 5s, 100s}) {
    const auto sync = restored().SyncBack(back, UINT64_MAX);
    ASSERT_TRUE(sync.has_value());
    EXPECT_EQ(sync, before_.SyncBack(back, UINT64_MAX));
  }
}

TEST_F(TapeState, PlacesBeforeTheOldestPageDoNotGoOver) {
  for (int i = 0; i < 3; ++i) {
    before_.MarkSync(SyncAt(before_, i * 1s));
    ASSERT_TRUE(Play(before_, kPageBytes));
  }
  before_.Trim(kPageBytes);
  EXPECT_EQ(before_.state().sync_points.size(), 1u);
  EXPECT_EQ(before_.state().sync_points[0].offset_bytes, 2 * kPageBytes);
}

TEST_F(TapeState, ATapeThatIsRestoredCanBeHandedOverAgain) {
  before_.MarkSync(SyncAt(before_, 0s));
  ASSERT_TRUE(Play(before_, kPageBytes + 1));
  ASSERT_TRUE(AppendPattern(before_, 5));
  ASSERT_TRUE(HandOver()) << status_;
  const tape::TapeState once = before_.state(), twice = restored().state();
  EXPECT_EQ(once.pages, twice.pages);
  EXPECT_EQ(once.sync_points, twice.sync_points);
  EXPECT_EQ(once.appended_bytes, twice.appended_bytes);
  EXPECT_EQ(once.published_bytes, twice.published_bytes);
}

// What no tape comes to: who says so is damaged, or no floe at all.
class ImpossibleTape : public TapeState {
 protected:
  ImpossibleTape() {
    for (int i = 0; i < 2; ++i) {
      before_.MarkSync(SyncAt(before_, i * 1s));
      EXPECT_TRUE(Play(before_, kPageBytes));
    }
  }
  // It is refused with a word of what is wrong, and nothing of the arena stays taken.
  void ExpectRefused(const std::function<void(tape::TapeState*)>& change,
                     absl::string_view because) {
    EXPECT_FALSE(HandOver(change)) << because;
    EXPECT_EQ(status_.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status_.message(), HasSubstr(because));
    restored_.reset();
    EXPECT_EQ(next_arena_->pages_in_use(), 0u) << because;
  }
};

TEST_F(ImpossibleTape, OnePageTwice) {
  ExpectRefused([](auto* state) { state->pages[1] = state->pages[0]; }, "another's");
}

TEST_F(ImpossibleTape, APageThatTheArenaDoesNotHave) {
  ExpectRefused([](auto* state) { state->pages[1] = PageSlot(kArenaPages); }, "page 16");
  ExpectRefused([](auto* state) { state->pages[0] = kNoSlot<PageSlot>; }, "not there");
}

TEST_F(ImpossibleTape, APageOfAnotherTape) {
  ASSERT_TRUE(HandOver()) << status_;
  Tape other(*next_arena_, 0, kRingPages);
  EXPECT_THAT(other.Restore(before_.state()).message(), HasSubstr("another's"));
}

TEST_F(ImpossibleTape, MoreOrFewerPagesThanItsBytesTake) {
  ExpectRefused([](auto* state) { state->pages.pop_back(); }, "1 pages");
  ExpectRefused([](auto* state) { state->pages.push_back(PageSlot(9)); }, "3 pages");
  ExpectRefused([](auto* state) { state->pages.assign(kRingPages + 1, PageSlot(0)); }, "5 pages");
}

TEST_F(ImpossibleTape, MorePublishedThanAppendedOrLessThanItKeeps) {
  ExpectRefused([](auto* state) { ++state->published_bytes; }, "131073 of 131072");
  ExpectRefused(
      [](auto* state) {
        state->first_page = 1;
        state->pages.erase(state->pages.begin());
        state->published_bytes = kPageBytes - 1;
      },
      "no tape is like that");
}

TEST_F(ImpossibleTape, NumbersBeyondAllBounds) {
  ExpectRefused([](auto* state) { state->id = kTapeIdsMax; }, "tape 16777216");
  ExpectRefused([](auto* state) { state->first_page = kPageNumbersMax; }, "no tape is like that");
  ExpectRefused([](auto* state) { state->appended_bytes = UINT64_MAX; }, "no tape is like that");
  ExpectRefused(
      [](auto* state) {
        state->pages.clear();
        state->appended_bytes = UINT64_MAX;
      },
      "no tape is like that");
}

TEST_F(ImpossibleTape, SyncPointsOutOfOrderOrBehindTheEnd) {
  ExpectRefused([](auto* state) { std::swap(state->sync_points[0], state->sync_points[1]); },
                "sync point at 0");
  ExpectRefused([](auto* state) { state->sync_points[1].offset_bytes = 2 * kPageBytes + 1; },
                "sync point at 131073");
}

TEST_F(ImpossibleTape, MoreSyncPointsThanATapeKeeps) {
  ExpectRefused(
      [](auto* state) { state->sync_points.resize(kSyncPointsMax + 1, state->sync_points.back()); },
      "4097 sync points");
}

// Such times overflowed when they were next added to.
TEST_F(ImpossibleTape, AudioOfLessThanNoTimeOrOfACentury) {
  for (const microseconds played : {microseconds(-1), microseconds::max(), microseconds::min()}) {
    ExpectRefused([&](auto* state) { state->played = played; }, "a century");
    ExpectRefused([&](auto* state) { state->published_played = played; }, "a century");
    ExpectRefused([&](auto* state) { state->sync_points[0].played = played; }, "sync point");
  }
}

TEST(ArenaMap, HasAllPagesFreeUntilTheyAreTakenBack) {
  const auto arena = ArenaOfPages(3);
  const PageSlot held = arena->Claim(kNoSlot<PageSlot>, 7);
  const auto mapped = MappedAgain(*arena, 3).value();
  EXPECT_EQ(mapped->pages_in_use(), 0u);
  EXPECT_TRUE(mapped->TakeBack(held, 7));
  EXPECT_FALSE(mapped->TakeBack(held, 7));
  EXPECT_TRUE(mapped->TryRef(held, 7));
  EXPECT_EQ(mapped->pages_in_use(), 1u);
}

TEST(ArenaMap, GrowsToWhatIsWantedAndKeepsWhatIsThere) {
  const auto arena = ArenaOfPages(2);
  Tape before(*arena, kTapeId, kRingPages);
  ASSERT_TRUE(Play(before, 2 * kPageBytes));
  const auto grown = MappedAgain(*arena, 5).value();
  EXPECT_EQ(grown->pages(), 5u);
  Tape restored(*grown, 0, kRingPages);
  ASSERT_TRUE(restored.Restore(before.state()).ok());
  ASSERT_TRUE(Play(restored, kPageBytes));
  EXPECT_TRUE(IsReadable(restored, 0, 3 * kPageBytes));
}

TEST(ArenaMap, OfALongerArenaTheSurplusIsUsedUpAndNotClaimedAgain) {
  const auto arena = ArenaOfPages(8);
  const auto shrunk = MappedAgain(*arena, 2).value();
  EXPECT_EQ(shrunk->pages(), 8u);
  ASSERT_TRUE(shrunk->TakeBack(PageSlot(7), 70));
  EXPECT_NE(shrunk->Claim(kNoSlot<PageSlot>, 1), kNoSlot<PageSlot>);
  EXPECT_NE(shrunk->Claim(kNoSlot<PageSlot>, 2), kNoSlot<PageSlot>);
  EXPECT_EQ(shrunk->Claim(kNoSlot<PageSlot>, 3), kNoSlot<PageSlot>);
  shrunk->Unref(PageSlot(7));
  EXPECT_EQ(shrunk->Claim(kNoSlot<PageSlot>, 4), kNoSlot<PageSlot>);
  EXPECT_EQ(shrunk->pages_in_use(), 2u);
}

TEST(ArenaMap, TheMemoryOfASurplusPageIsGivenBackOnceItIsFree) {
  const auto arena = ArenaOfPages(4);
  *arena->data(PageSlot(3)) = std::byte{7};
  const auto shrunk = MappedAgain(*arena, 2).value();
  ASSERT_TRUE(shrunk->TakeBack(PageSlot(3), 1));
  EXPECT_EQ(*shrunk->data(PageSlot(3)), std::byte{7});
  shrunk->Unref(PageSlot(3));
  EXPECT_EQ(*shrunk->data(PageSlot(3)), std::byte{0});
}

TEST(ArenaMap, ADisownedArenaTakesNothingFromWhoHasItNow) {
  const auto arena = ArenaOfPages(4);
  *arena->data(PageSlot(3)) = std::byte{7};
  const auto shrunk = MappedAgain(*arena, 2).value();
  ASSERT_TRUE(shrunk->TakeBack(PageSlot(3), 1));
  shrunk->Disown();
  shrunk->Unref(PageSlot(3));
  EXPECT_EQ(*arena->data(PageSlot(3)), std::byte{7});
}

TEST(ArenaMap, RefusesWhatIsNoArenaAndClosesIt) {
  for (const off_t size :
       {off_t{0}, off_t{kPageBytes - 1}, off_t{kPageBytes + 1}, off_t{1} << 45}) {
    const int foreign = memfd_create("foreign", MFD_CLOEXEC);
    ASSERT_EQ(ftruncate(foreign, size), 0);
    const auto mapped = Arena::Map(foreign, kPageBytes);
    EXPECT_EQ(mapped.status().code(), absl::StatusCode::kInvalidArgument) << size;
    EXPECT_THAT(mapped.status().message(), HasSubstr(std::to_string(size)));
    struct stat found {};
    EXPECT_NE(fstat(foreign, &found), 0) << "it was left open";
  }
  EXPECT_FALSE(Arena::Map(-1, kPageBytes).ok());
}

TEST(ArenaMap, RefusesToGrowBeyondAllBounds) {
  const auto arena = ArenaOfPages(1);
  EXPECT_FALSE(Arena::Map(dup(arena->memfd()), uint64_t{1} << 45).ok());
}

}  // namespace
}  // namespace floe::tape
