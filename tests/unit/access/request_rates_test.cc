// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/request_rates.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace floe::access {
namespace {

Address At(absl::string_view text) { return Address::Parse(text).value(); }

constexpr RateRules kRules = {.rate = 10, .burst = 3};

TEST(RequestRates, ABurstPassesAndThenSoManyASecond) {
  RequestRates rates;
  Instant now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rates.Take(At("192.0.2.7"), kRules, now).has_value());
  EXPECT_EQ(rates.Take(At("192.0.2.7"), kRules, now), 100ms);
  now += 100ms;
  EXPECT_FALSE(rates.Take(At("192.0.2.7"), kRules, now).has_value());
  EXPECT_TRUE(rates.Take(At("192.0.2.7"), kRules, now).has_value());
  now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rates.Take(At("192.0.2.7"), kRules, now).has_value());
  EXPECT_TRUE(rates.Take(At("192.0.2.7"), kRules, now).has_value());
}

TEST(RequestRates, AnotherAddressHasItsOwnAndAHouseOfIpv6HasOne) {
  RequestRates rates;
  const Instant now{1h};
  for (int i = 0; i < 3; ++i) (void)rates.Take(At("2001:db8::1"), kRules, now);
  EXPECT_TRUE(rates.Take(At("2001:db8::ffff:2"), kRules, now).has_value());
  EXPECT_FALSE(rates.Take(At("2001:db8:0:1::1"), kRules, now).has_value());
  EXPECT_FALSE(rates.Take(At("192.0.2.7"), kRules, now).has_value());
}

TEST(RequestRates, WithoutALimitNothingIsRemembered) {
  RequestRates rates;
  EXPECT_FALSE(rates.Take(At("192.0.2.7"), {.rate = 0, .burst = 1}, Instant{1h}).has_value());
  EXPECT_EQ(rates.houses(), 0u);
}

TEST(RequestRates, AFloodOfAddressesDoesNotMakeTheTableGrow) {
  RequestRates rates;
  Instant now{1h};
  for (uint32_t i = 0; i < kRatedHousesMax + 5'000; ++i) {
    const std::string host = absl::StrCat("10.", i >> 16, ".", (i >> 8) & 255, ".", i & 255);
    EXPECT_FALSE(rates.Take(At(host), kRules, now).has_value());
    now += 1us;
  }
  EXPECT_LE(rates.houses(), kRatedHousesMax);
}

}  // namespace
}  // namespace floe::access
