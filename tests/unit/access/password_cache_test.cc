// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/password_cache.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::access {
namespace {

class PasswordCacheTest : public testing::Test {
 protected:
  bool Check(const PasswordCache::Key& key, bool matches, milliseconds kept = 60s) {
    return cache_.Check(key, kept, now_, [matches] { return matches; });
  }

  PasswordCache cache_;
  Instant now_{1h};
};

TEST_F(PasswordCacheTest, OneLoginIsCheckedOnceInAWhile) {
  const PasswordCache::Key key = cache_.KeyOf("dj", "word", "$hash");
  EXPECT_FALSE(cache_.Find(key, now_).has_value());
  EXPECT_TRUE(Check(key, true));
  EXPECT_TRUE(Check(key, true));
  EXPECT_EQ(cache_.checks(), 1u);
  EXPECT_EQ(cache_.Find(key, now_ + 59s), true);
  EXPECT_FALSE(cache_.Find(key, now_ + 60s).has_value()) << "forgotten after its time";
}

TEST_F(PasswordCacheTest, AWrongOneIsRememberedForLess) {
  const PasswordCache::Key key = cache_.KeyOf("dj", "wrong", "$hash");
  EXPECT_FALSE(Check(key, false));
  EXPECT_EQ(cache_.Find(key, now_ + kMismatchKept - 1ms), false);
  EXPECT_FALSE(cache_.Find(key, now_ + kMismatchKept).has_value());
}

TEST_F(PasswordCacheTest, UserPasswordAndHashAllCount) {
  const PasswordCache::Key key = cache_.KeyOf("dj", "word", "$hash");
  EXPECT_EQ(key, cache_.KeyOf("dj", "word", "$hash"));
  EXPECT_NE(key, cache_.KeyOf("dja", "word", "$hash"));
  EXPECT_NE(key, cache_.KeyOf("dj", "word$", "hash"));
  EXPECT_NE(key, cache_.KeyOf("d", "jword", "$hash"));
  EXPECT_NE(key, cache_.KeyOf("dj", "word", "$hash of a new password"));
  EXPECT_NE(key, PasswordCache().KeyOf("dj", "word", "$hash")) << "each process has its own key";
}

TEST_F(PasswordCacheTest, NothingIsKeptWhereItIsNotWanted) {
  const PasswordCache::Key key = cache_.KeyOf("dj", "word", "$hash");
  EXPECT_TRUE(Check(key, true, 0s));
  EXPECT_TRUE(Check(key, true, 0s));
  EXPECT_EQ(cache_.checks(), 2u);
}

TEST_F(PasswordCacheTest, TheOldestIsForgottenWhenItIsFull) {
  const PasswordCache::Key first = cache_.KeyOf("first", "word", "$hash");
  EXPECT_TRUE(Check(first, true));
  for (size_t i = 0; i < kMatchesKeptMax; ++i) {
    now_ += 1ms;
    EXPECT_TRUE(Check(cache_.KeyOf(absl::StrCat("dj", i), "word", "$hash"), true));
  }
  EXPECT_FALSE(cache_.Find(first, now_).has_value());
  EXPECT_EQ(cache_.Find(cache_.KeyOf("dj0", "word", "$hash"), now_), true);
}

TEST_F(PasswordCacheTest, ManyGuessesLeaveTheRightOnesAlone) {
  const PasswordCache::Key right = cache_.KeyOf("dj", "word", "$hash");
  EXPECT_TRUE(Check(right, true));
  for (size_t i = 0; i < kMismatchesKeptMax + 10; ++i) {
    EXPECT_FALSE(Check(cache_.KeyOf("dj", absl::StrCat("guess", i), "$hash"), false));
  }
  EXPECT_EQ(cache_.Find(right, now_), true);
}

TEST_F(PasswordCacheTest, ACrowdWithOneLoginHasItCheckedOnce) {
  const PasswordCache::Key key = cache_.KeyOf("dj", "word", "$hash");
  std::atomic<int> arrived{0}, let_in{0};
  constexpr int kCrowd = 16;
  std::vector<std::thread> crowd;
  for (int i = 0; i < kCrowd; ++i) {
    crowd.emplace_back([&] {
      arrived.fetch_add(1);
      const bool matches = cache_.Check(key, 60s, now_, [&] {
        while (arrived.load() < kCrowd) std::this_thread::yield();
        return true;
      });
      let_in.fetch_add(matches ? 1 : 0);
    });
  }
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(let_in.load(), kCrowd);
  EXPECT_EQ(cache_.checks(), 1u);
}

}  // namespace
}  // namespace floe::access
