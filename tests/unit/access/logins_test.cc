// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/logins.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "gtest/gtest.h"

namespace floe::access {
namespace {

config::Config Station() {
  config::Config config;
  config.auth.source_password = "source word";
  config.auth.admin_password = "admin word";
  config.auth.relay_password = "relay word";
  config.mounts["/own"].source_user = "dj";
  config.mounts["/own"].source_password = "own word";
  config.users["ann"].password = "ann's word";
  config.users["ann"].role = Role::kOperate;
  config.users["ann"].mounts = {"/own"};
  return config;
}

std::vector<Role> RolesOf(absl::string_view user, const std::string& mount) {
  std::vector<Role> roles;
  for (const Login& login : LoginsOf(Station(), user, mount)) roles.push_back(login.grant.role);
  return roles;
}

TEST(Logins, AreThoseThatTheConfigurationNames) {
  EXPECT_EQ(RolesOf("admin", ""), std::vector<Role>{Role::kConfigure});
  EXPECT_EQ(RolesOf("relay", ""), std::vector<Role>{Role::kRelay});
  EXPECT_EQ(RolesOf("ann", ""), std::vector<Role>{Role::kOperate});
  EXPECT_EQ(RolesOf("source", "/live"), std::vector<Role>{Role::kSource});
  EXPECT_TRUE(RolesOf("nobody", "/live").empty());
  EXPECT_TRUE(RolesOf("Admin", "").empty());
}

TEST(Logins, AMountWithAPasswordOfItsOwnHasThatAlone) {
  const std::vector<Login> own = LoginsOf(Station(), "dj", "/own");
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own.front().secret, "own word");
  EXPECT_TRUE(RolesOf("source", "/own").empty());
  EXPECT_TRUE(RolesOf("dj", "/live").empty());
}

TEST(Logins, WithoutANameItIsTheSources) {
  const std::vector<Login> logins = LoginsOf(Station(), "", "/own");
  ASSERT_EQ(logins.size(), 1u);
  EXPECT_EQ(logins.front().user, "dj");
}

TEST(Logins, WhoHasNoPasswordHasNoWayIn) {
  config::Config config = Station();
  config.auth.relay_password.clear();
  config.users["ann"].password.clear();
  EXPECT_TRUE(LoginsOf(config, "relay", "").empty());
  EXPECT_TRUE(LoginsOf(config, "ann", "").empty());
}

TEST(Logins, OneUserMayHaveSeveralWaysIn) {
  config::Config config = Station();
  config.users["admin"].password = "another word";
  config.users["admin"].role = Role::kRead;
  EXPECT_EQ(LoginsOf(config, "admin", "").size(), 2u);
}

TEST(Logins, AnyHashIsOneIfThereIsOne) {
  config::Config config = Station();
  EXPECT_FALSE(AnyHash(config).has_value());
  config.users["ann"].password = "$y$j75$saltsaltsalt$ZWYnbsuGFV4QR42Yajwr9OMAMvWlxDpeoBUNpdlWXnC";
  EXPECT_EQ(AnyHash(config), config.users["ann"].password);
}

TEST(Bearers, AreKnownByTheTokenOrItsHash) {
  config::Config config = Station();
  config.users["plain"].token = "a-token";
  config.users["plain"].role = Role::kRead;
  config.users["hashed"].token = absl::StrCat("sha256:", Sha256Hex("another-token"));
  config.users["hashed"].role = Role::kConfigure;
  EXPECT_EQ(BearerOf(config, "a-token")->user, "plain");
  EXPECT_EQ(BearerOf(config, "another-token")->grant.role, Role::kConfigure);
  EXPECT_FALSE(BearerOf(config, "a-toke").has_value());
  EXPECT_FALSE(BearerOf(config, config.users["hashed"].token).has_value())
      << "a hash is not its token";
  EXPECT_FALSE(BearerOf(config, "").has_value());
}

}  // namespace
}  // namespace floe::access
