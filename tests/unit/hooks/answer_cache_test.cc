// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/answer_cache.h"

#include <string>

#include "gtest/gtest.h"

namespace floe::hooks {
namespace {

using Verdict = AuthAnswer::Verdict;
constexpr Instant kNow{1'000s};

AuthAnswer Of(Verdict verdict) {
  AuthAnswer answer;
  answer.verdict = verdict;
  return answer;
}

TEST(AnswerCache, AnAnswerHoldsForItsTime) {
  AnswerCache cache;
  const auto key = AnswerCache::KeyOf("/live", "ann", "pw");
  EXPECT_EQ(cache.Find(key, kNow), std::nullopt);
  cache.Put(key, Of(Verdict::kAllows), 60s, kNow);
  EXPECT_EQ(cache.Find(key, kNow + 59s), Of(Verdict::kAllows));
  EXPECT_EQ(cache.Find(key, kNow + 60s), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(AnswerCache, WhoIsNotQuiteTheSameIsAnother) {
  AnswerCache cache;
  cache.Put(AnswerCache::KeyOf("/live", "ann", "pw"), Of(Verdict::kAllows), 60s, kNow);
  EXPECT_EQ(cache.Find(AnswerCache::KeyOf("/live", "ann", "pw2"), kNow), std::nullopt);
  EXPECT_EQ(cache.Find(AnswerCache::KeyOf("/live", "annp", "w"), kNow), std::nullopt);
  EXPECT_EQ(cache.Find(AnswerCache::KeyOf("/live", "ann", "pw", ""), kNow), std::nullopt);
}

TEST(AnswerCache, ADenialIsSoonForgottenAndTroubleIsNoAnswer) {
  AnswerCache cache;
  const auto key = AnswerCache::KeyOf("a");
  cache.Put(key, Of(Verdict::kDenies), 60s, kNow);
  EXPECT_EQ(cache.Find(key, kNow), Of(Verdict::kDenies));
  EXPECT_EQ(cache.Find(key, kNow + kDenialKeptMax), std::nullopt);
  cache.Put(key, Of(Verdict::kFails), 60s, kNow);
  EXPECT_EQ(cache.Find(key, kNow), std::nullopt);
  cache.Put(key, Of(Verdict::kAllows), 0s, kNow);
  EXPECT_EQ(cache.Find(key, kNow), std::nullopt);
}

TEST(AnswerCache, TheOneUsedLongestAgoGivesWay) {
  AnswerCache cache;
  const auto key = [](size_t i) { return AnswerCache::KeyOf(std::to_string(i)); };
  for (size_t i = 0; i < kAnswersKept; ++i) cache.Put(key(i), Of(Verdict::kAllows), 60s, kNow);
  EXPECT_TRUE(cache.Find(key(0), kNow).has_value());
  cache.Put(key(kAnswersKept), Of(Verdict::kAllows), 60s, kNow);
  EXPECT_EQ(cache.size(), kAnswersKept);
  EXPECT_TRUE(cache.Find(key(0), kNow).has_value());
  EXPECT_FALSE(cache.Find(key(1), kNow).has_value());
}

}  // namespace
}  // namespace floe::hooks
