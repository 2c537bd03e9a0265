// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "metrics/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace floe::metrics {
namespace {

using testing::ElementsAre;

constexpr std::array<uint64_t, 2> kBounds = {10, 100};

TEST(Histogram, AValueCountsForTheFirstBoundItIsNotAbove) {
  Histogram histogram(kBounds);
  for (const uint64_t value : {0, 10, 11, 100, 101, 5'000}) histogram.Observe(value);
  const Distribution read = histogram.Read();
  EXPECT_THAT(read.counts, ElementsAre(2, 2, 2));
  EXPECT_EQ(read.Count(), 6u);
  EXPECT_EQ(read.sum, 5'222u);
}

TEST(Histogram, WhoObservesAloneCountsTheSame) {
  Histogram shared(kBounds), alone(kBounds);
  for (const uint64_t value : {5, 50, 500, 50}) {
    shared.Observe(value);
    alone.ObserveAlone(value);
  }
  EXPECT_EQ(shared.Read(), alone.Read());
}

TEST(Histogram, ThreadsLoseNothingToEachOther) {
  Histogram histogram(kBounds);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&histogram] {
      for (int value = 0; value < 1'000; ++value) histogram.Observe(7);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(histogram.Read().counts, ElementsAre(4'000, 0, 0));
  EXPECT_EQ(histogram.Read().sum, 28'000u);
}

TEST(Histogram, WhatWasCountedElsewhereIsAdded) {
  Histogram here(kBounds), there(kBounds);
  here.Observe(1);
  there.Observe(2);
  there.Observe(200);
  EXPECT_TRUE(here.Add(there.Read()));
  EXPECT_THAT(here.Read().counts, ElementsAre(2, 0, 1));
  EXPECT_EQ(here.Read().sum, 203u);
}

TEST(Histogram, OtherBoundsAreNotAdded) {
  static constexpr std::array<uint64_t, 2> kOthers = {10, 99};
  Histogram here(kBounds), there(kOthers);
  there.Observe(2);
  EXPECT_FALSE(here.Add(there.Read()));
  EXPECT_FALSE(here.Add({.bounds = {10, 100}, .counts = {1, 1}, .sum = 1}));
  EXPECT_EQ(here.Read().Count(), 0u);
}

TEST(Distribution, OfShardsAreOne) {
  Histogram one(kBounds), other(kBounds);
  one.ObserveAlone(1);
  other.ObserveAlone(11);
  Distribution sum = one.Read();
  sum.Add(other.Read());
  EXPECT_THAT(sum.counts, ElementsAre(1, 1, 0));
  EXPECT_EQ(sum.sum, 12u);
}

TEST(Latency, IsNeverLessThanNothing) {
  Latency latency;
  latency.Observe(nanoseconds(-5));
  latency.Observe(milliseconds(1));
  latency.Observe(seconds(60));
  const Distribution read = latency.histogram().Read();
  EXPECT_EQ(read.counts.front(), 1u);
  EXPECT_EQ(read.counts.back(), 1u);
  EXPECT_EQ(read.sum, 60'001'000'000u);
}

}  // namespace
}  // namespace floe::metrics
