// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/backoff.h"

#include "base/check.h"

namespace floe::upstream {

// splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
uint64_t Dice::Roll() {
  state += 0x9e3779b97f4a7c15;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

milliseconds Dice::Between(milliseconds least, milliseconds most) {
  FLOE_CHECK(least <= most);
  return least + milliseconds(Roll() % uint64_t((most - least).count() + 1));
}

milliseconds BackoffMost(uint32_t failures) {
  FLOE_CHECK(failures > 0);
  if (failures == 1) return milliseconds(0);
  milliseconds most = kBackoffFirst;
  for (uint32_t i = 2; i < failures && most < kBackoffMax; ++i) most *= 2;
  return most < kBackoffMax ? most : kBackoffMax;
}

milliseconds Backoff(uint32_t failures, Dice& dice) {
  const milliseconds most = BackoffMost(failures);
  return most == milliseconds(0) ? most : dice.Between(kBackoffMin, most);
}

}  // namespace floe::upstream
