// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/roles.h"

#include "gtest/gtest.h"

namespace floe::access {
namespace {

constexpr Role kRoles[] = {Role::kSource, Role::kRelay, Role::kRead, Role::kOperate,
                           Role::kConfigure};

TEST(Roles, HaveNames) {
  for (const Role role : kRoles) EXPECT_EQ(RoleNamed(RoleName(role)), role);
  EXPECT_FALSE(RoleNamed("root").has_value());
  EXPECT_FALSE(RoleNamed("").has_value());
}

TEST(Roles, EachMayDoWhatItsNameSays) {
  struct Row {
    Deed deed;
    bool source, relay, read, operate, configure;
  };
  for (const Row& row : {Row{Deed::kFeed, true, false, false, false, false},
                         Row{Deed::kTell, true, false, false, true, true},
                         Row{Deed::kListen, false, true, true, true, true},
                         Row{Deed::kRelay, false, true, true, true, true},
                         Row{Deed::kRead, false, false, true, true, true},
                         Row{Deed::kOperate, false, false, false, true, true},
                         Row{Deed::kConfigure, false, false, false, false, true}}) {
    const bool expected[] = {row.source, row.relay, row.read, row.operate, row.configure};
    for (const Role role : kRoles) {
      EXPECT_EQ(Allows(Grant{.role = role}, row.deed, "/live"), expected[size_t(role)])
          << RoleName(role) << " and deed " << int(row.deed);
    }
  }
}

TEST(Roles, WhoIsHeldToSomeMountsHasNeitherOthersNorTheServer) {
  const Grant grant{.role = Role::kOperate, .mounts = {"/a", "/b"}};
  EXPECT_TRUE(Allows(grant, Deed::kOperate, "/a"));
  EXPECT_TRUE(Allows(grant, Deed::kRead, "/b"));
  EXPECT_FALSE(Allows(grant, Deed::kOperate, "/ab"));
  EXPECT_FALSE(Allows(grant, Deed::kOperate, "")) << "the server as a whole";
  EXPECT_TRUE(Allows(Grant{.role = Role::kOperate}, Deed::kOperate, ""));
}

}  // namespace
}  // namespace floe::access
