// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/rules.h"

#include <gtest/gtest.h>

namespace floe::access {
namespace {

Address At(absl::string_view text) { return Address::Parse(text).value(); }
std::vector<Cidr> Of(absl::string_view text) { return {Cidr::Parse(text).value()}; }

TEST(CidrSet, FindsTheNetworksOfEveryLength) {
  CidrSet set;
  EXPECT_TRUE(set.empty());
  for (const char* text : {"10.0.0.0/8", "192.0.2.0/25", "::/0", "203.0.113.9"}) {
    set.Add(Cidr::Parse(text).value());
  }
  EXPECT_TRUE(set.Contains(At("10.9.9.9")));
  EXPECT_TRUE(set.Contains(At("192.0.2.127")));
  EXPECT_FALSE(set.Contains(At("192.0.2.128")));
  EXPECT_TRUE(set.Contains(At("2001:db8::1")));
  EXPECT_TRUE(set.Contains(At("203.0.113.9")));
  EXPECT_FALSE(set.Contains(At("203.0.113.8"))) << "::/0 is no network of IPv4";
}

TEST(Rules, WithoutAnyEverybodyMayCome) {
  const Rules rules{config::Config()};
  EXPECT_TRUE(rules.empty());
  EXPECT_FALSE(rules.has_trusted());
  EXPECT_TRUE(rules.addresses().Lets(At("192.0.2.7")));
  EXPECT_TRUE(rules.LetsListen("/live", At("192.0.2.7"), "any"));
}

TEST(Rules, WhatIsDeniedIsStrongerThanWhatIsAllowed) {
  config::Config config;
  config.access.allow = Of("192.0.2.0/24");
  config.access.deny = Of("192.0.2.7");
  const Rules rules(config);
  EXPECT_FALSE(rules.empty());
  EXPECT_TRUE(rules.addresses().Lets(At("192.0.2.6")));
  EXPECT_FALSE(rules.addresses().Lets(At("192.0.2.7")));
  EXPECT_FALSE(rules.addresses().Lets(At("198.51.100.1")));
}

TEST(Rules, AMountHasItsOwn) {
  config::Config config;
  config.mount_defaults.deny_agents = {"(?i)bot"};
  config::Mount mount;
  mount.allow = Of("10.0.0.0/8");
  config.mounts.emplace("/in", mount);
  const Rules rules(config);
  EXPECT_FALSE(rules.empty());
  EXPECT_TRUE(rules.LetsListen("/in", At("10.0.0.1"), "a Bot"));
  EXPECT_FALSE(rules.LetsListen("/in", At("192.0.2.7"), "player"));
  EXPECT_FALSE(rules.LetsListen("/other", At("10.0.0.1"), "a Bot"));
  EXPECT_TRUE(rules.LetsListen("/other", At("10.0.0.1"), "player"));
}

TEST(Rules, AnAgentIsLookedThrough) {
  config::Config config;
  config.access.deny_agents = {"^Bad/", "scraper$"};
  const Rules rules(config);
  EXPECT_TRUE(rules.agents().Matches("Bad/1.0"));
  EXPECT_TRUE(rules.agents().Matches("my scraper"));
  EXPECT_FALSE(rules.agents().Matches("NotBad/1.0"));
  EXPECT_FALSE(rules.agents().Matches(""));
}

TEST(Rules, ProxiesThatAreTrustedAreKnown) {
  config::Config config;
  config.access.trusted_proxies = Of("127.0.0.1");
  const Rules rules(config);
  EXPECT_TRUE(rules.has_trusted());
  EXPECT_TRUE(rules.IsTrusted(At("::ffff:127.0.0.1")));
  EXPECT_FALSE(rules.IsTrusted(At("127.0.0.2")));
  EXPECT_TRUE(rules.empty()) << "nobody is turned away by it";
}

}  // namespace
}  // namespace floe::access
