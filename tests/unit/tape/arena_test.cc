// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tape/arena.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/tape/pattern.h"

namespace floe::tape {
namespace {

constexpr PageSlot kNowhere = kNoSlot<PageSlot>;

TEST(Arena, IsAMemfdThatTheNextBinaryMayMapAndNoOtherProgramInherits) {
  const auto arena = ArenaOfPages(3);
  struct stat status {};
  ASSERT_EQ(fstat(arena->memfd(), &status), 0);
  EXPECT_EQ(status.st_size, 3 * kPageBytes);
  EXPECT_EQ(fcntl(arena->memfd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  std::memcpy(arena->data(PageSlot(2)), "floe", 4);
  char read_back[4];
  ASSERT_EQ(pread(arena->memfd(), read_back, 4, 2 * kPageBytes), 4);
  EXPECT_EQ(std::memcmp(read_back, "floe", 4), 0);
}

TEST(Arena, HasWholePagesAtLeastAsManyAsAskedFor) {
  const auto arena = Arena::Create(2 * kPageBytes + 1);
  ASSERT_TRUE(arena.ok());
  EXPECT_EQ((*arena)->pages(), 3u);
  EXPECT_EQ((*arena)->mapping().size(), 3 * kPageBytes);
}

TEST(Arena, SaysWhyItCannotBe) {
  EXPECT_EQ(Arena::Create(0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Arena::Create(uint64_t{1} << 60).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Arena, GivesOutEachPageOnceAndThenNone) {
  const auto arena = ArenaOfPages(130);  // two words of the bitmap and a bit
  std::set<uint32_t> given;
  for (uint32_t i = 0; i < 130; ++i) given.insert(Index(arena->Claim(kNowhere, i)));
  EXPECT_EQ(given.size(), 130u);
  EXPECT_EQ(*given.rbegin(), 129u);
  EXPECT_EQ(arena->pages_in_use(), 130u);
  EXPECT_EQ(arena->Claim(kNowhere, 130), kNowhere);
}

TEST(Arena, ClaimsTheRightNeighbourAndElseTheNextFreeOneRoundTheEnd) {
  const auto arena = ArenaOfPages(70);
  EXPECT_EQ(arena->Claim(PageSlot(65), 1), PageSlot(66));
  EXPECT_EQ(arena->Claim(PageSlot(65), 2), PageSlot(67));
  EXPECT_EQ(arena->Claim(PageSlot(69), 3), PageSlot(0));
  for (uint64_t key = 4; key < 4 + 67; ++key) ASSERT_NE(arena->Claim(PageSlot(66), key), kNowhere);
  arena->Unref(PageSlot(65));  // left of where the search begins, in the same word
  EXPECT_EQ(arena->Claim(PageSlot(66), 99), PageSlot(65));
}

TEST(Arena, AReferenceIsGivenOnlyForTheKeyThatThePageHolds) {
  const auto arena = ArenaOfPages(2);
  const PageSlot page = arena->Claim(kNowhere, PageKey(1, 7));
  EXPECT_FALSE(arena->TryRef(page, PageKey(1, 8)));
  EXPECT_FALSE(arena->TryRef(page, PageKey(2, 7)));
  ASSERT_TRUE(arena->TryRef(page, PageKey(1, 7)));
  arena->Unref(page);
  arena->Unref(page);
  EXPECT_FALSE(arena->TryRef(page, PageKey(1, 7))) << "a free page is nobody's";
  EXPECT_EQ(arena->pages_in_use(), 0u);
}

TEST(Arena, APageIsFreeOnlyWhenItsLastReaderLetsGo) {
  const auto arena = ArenaOfPages(1);
  const PageSlot page = arena->Claim(kNowhere, 1);
  ASSERT_TRUE(arena->TryRef(page, 1));
  arena->Unref(page);  // the tape
  EXPECT_EQ(arena->Claim(kNowhere, 2), kNowhere);
  arena->Unref(page);  // the reader
  EXPECT_EQ(arena->Claim(kNowhere, 2), page);
}

TEST(Arena, APageIsRekeyedInPlaceOnlyWhileNobodyElseHasIt) {
  const auto arena = ArenaOfPages(1);
  const PageSlot page = arena->Claim(kNowhere, 1);
  ASSERT_TRUE(arena->TryRef(page, 1));
  EXPECT_FALSE(arena->TryRekey(page, 2));
  arena->Unref(page);
  EXPECT_TRUE(arena->TryRekey(page, 2));
  EXPECT_FALSE(arena->TryRef(page, 1));
  EXPECT_TRUE(arena->TryRef(page, 2));
}

TEST(ArenaDeathTest, DroppingAReferenceThatNobodyHasIsABug) {
  const auto arena = ArenaOfPages(1);
  EXPECT_DEATH(arena->Unref(PageSlot(0)), "check failed");
}

TEST(Arena, ThreadsThatClaimAndDropNeverHaveTheSamePage) {
  constexpr uint32_t kThreads = 4;
  constexpr uint32_t kRounds = 20'000;
  const auto arena = ArenaOfPages(6);  // fewer than they want together
  std::vector<std::thread> threads;
  std::atomic<uint64_t> claims{0};
  for (uint32_t id = 0; id < kThreads; ++id) {
    threads.emplace_back([&, id] {
      std::vector<PageSlot> held;
      for (uint32_t round = 0; round < kRounds; ++round) {
        const PageSlot page = arena->Claim(PageSlot(round % 6), PageKey(id, round));
        if (page != kNowhere) {
          // A plain write: TSan and the comparison below see whoever else is here.
          std::memset(arena->data(page), int(id), 64);
          held.push_back(page);
          claims.fetch_add(1, std::memory_order_relaxed);
        }
        if (held.size() == 2 || (page == kNowhere && !held.empty())) {
          EXPECT_EQ(arena->data(held.front())[63], std::byte(id));
          arena->Unref(held.front());
          held.erase(held.begin());
        }
      }
      for (const PageSlot page : held) arena->Unref(page);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arena->pages_in_use(), 0u);
  EXPECT_GT(claims.load(), kRounds);
}

}  // namespace
}  // namespace floe::tape
