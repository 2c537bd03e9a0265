// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/gate.h"

#include <gtest/gtest.h>

#include "http/status.h"

namespace floe::access {
namespace {

Address At(absl::string_view text) { return Address::Parse(text).value(); }
Cidr Of(absl::string_view text) { return Cidr::Parse(text).value(); }

TEST(Gate, IsOpenUntilSomethingIsSaid) {
  const Gate gate;
  EXPECT_TRUE(gate.Check(At("192.0.2.7"), "any").ok());
  EXPECT_TRUE(gate.CheckListener("/live", At("192.0.2.7"), "any").ok());
  EXPECT_FALSE(gate.IsTrusted(At("127.0.0.1")));
  EXPECT_FALSE(gate.IsProxied(3));
}

TEST(Gate, GoesByTheLatestRules) {
  Gate gate;
  config::Config config;
  config.access.deny = {Of("192.0.2.0/24")};
  config.access.trusted_proxies = {Of("127.0.0.1")};
  gate.SetRules(config, {7, 8});
  EXPECT_EQ(http::HttpStatusOf(gate.Check(At("192.0.2.7"), "")), 403);
  EXPECT_TRUE(gate.IsTrusted(At("127.0.0.1")));
  EXPECT_TRUE(gate.IsProxied(8));
  EXPECT_FALSE(gate.IsProxied(9));
  gate.SetRules(config::Config(), {});
  EXPECT_TRUE(gate.Check(At("192.0.2.7"), "").ok());
  EXPECT_FALSE(gate.IsProxied(8));
}

TEST(Gate, WhoIsBannedIsTurnedAwayWhateverTheRulesSay) {
  Gate gate;
  const uint64_t before = gate.bans_made();
  CidrSet banned;
  banned.Add(Of("203.0.113.0/24"));
  gate.SetBanFile(std::move(banned));
  ASSERT_TRUE(gate.bans().Add(Of("192.0.2.7"), "noise").ok());
  EXPECT_EQ(gate.bans_made(), before + 2);
  EXPECT_TRUE(gate.IsBanned(At("203.0.113.9")));
  EXPECT_EQ(http::HttpStatusOf(gate.Check(At("192.0.2.7"), "")), 403);
  EXPECT_TRUE(gate.Check(At("192.0.2.8"), "").ok());
  gate.SetBanFile({});
  EXPECT_FALSE(gate.IsBanned(At("203.0.113.9")));
}

}  // namespace
}  // namespace floe::access
