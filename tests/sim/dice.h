// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>

namespace floe::sim {

// Dice are a seeded source of chance that falls the same way on every machine.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // One of [low, high].
  uint64_t Between(uint64_t low, uint64_t high) { return low + engine_() % (high - low + 1); }
  bool Chance(double probability) { return double(engine_() >> 11) * 0x1p-53 < probability; }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard, unlike distributions
};

}  // namespace floe::sim
