// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace floe::sim {

inline uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  uint64_t number = otherwise;
  if (text != nullptr && !absl::SimpleAtoi(text, &number)) ADD_FAILURE() << variable << "=" << text;
  return number;
}

// Plays stations that are drawn by lot until one of them has something to complain of. Answers
// whether all of `seeds` were played, so that what has to happen now and then must have happened.
//
// FLOE_SIM_SEED=n plays the one seed n again; FLOE_SIM_SEEDS=n plays n seeds instead.
//
// Station  made of a seed; its Run(&tally) answers the complaints.
template <typename Station, typename Tally>
bool PlaySeeds(uint64_t seeds, Tally& tally) {
  const bool is_one = std::getenv("FLOE_SIM_SEED") != nullptr;
  const uint64_t first = NumberFrom("FLOE_SIM_SEED", 1);
  const uint64_t count = is_one ? 1 : NumberFrom("FLOE_SIM_SEEDS", seeds);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    Station station(seed);
    EXPECT_THAT(station.Run(&tally), testing::IsEmpty()) << "again with FLOE_SIM_SEED=" << seed;
    if (testing::Test::HasFailure()) return false;
  }
  return count >= seeds;
}

}  // namespace floe::sim
