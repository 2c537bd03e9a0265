// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/describe.h"

#include <string>

#include "config/keys.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEverything[] = R"(
  [server]
  hostname = "radio.example.com"
  shards = 3
  location = "K\u00f6ln \"Mitte\" \\ am Rhein"
  [[listen]]
  address = "127.0.0.1:8000"
  [[listen]]
  address = "[::1]:8001"
  proxy_protocol = true
  [limits]
  listeners = 5000
  client_timeout = "1500ms"
  arena = "100MB"
  [fanout]
  interval = "123ms"
  zero_copy = "on"
  [log]
  level = "debug"
  access_file = ""
  [mount_defaults]
  lagging = "drop"
  cors_origins = []
  [mount."/live \"one\""]
  burst = "2s"
  charset = "CP1252"
  cors_origins = ["https://a.example", "https://b.example"]
  hook_headers = ["Referer"]
  [mount."/two.mp3"]
  [access]
  deny = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]
  deny_agents = ['^(?i)bad\\s+bot$']
  [user."D\u00f6rte \"dj\""]
  role = "operate"
  mounts = ["/live", "/two.mp3"]
  [webhook."studio"]
  url = "http://studio.example/floe"
  events = ["title"]
)";

TEST(Describe, WhatIsDescribedLoadsToTheSame) {
  for (const std::string& text : {std::string(), std::string(kEverything)}) {
    const Config config = Loaded({text});
    const std::string described = Describe(config);
    const Config again = Loaded({described});
    EXPECT_EQ(Describe(again), described);
    EXPECT_EQ(again.server.location, config.server.location);
    EXPECT_EQ(again.limits.arena_bytes, config.limits.arena_bytes);
    EXPECT_EQ(again.limits.client_timeout, config.limits.client_timeout);
    EXPECT_EQ(again.fanout.interval, config.fanout.interval);
    ASSERT_EQ(again.listen.size(), config.listen.size());
    EXPECT_EQ(again.listen.back().proxy_protocol, config.listen.back().proxy_protocol);
    EXPECT_EQ(again.access.deny, config.access.deny);
    EXPECT_EQ(again.access.deny_agents, config.access.deny_agents);
    ASSERT_EQ(again.users.size(), config.users.size());
    for (const auto& [name, user] : config.users) {
      EXPECT_EQ(again.users.at(name).role, user.role);
      EXPECT_EQ(again.users.at(name).mounts, user.mounts);
    }
    ASSERT_EQ(again.webhooks.size(), config.webhooks.size());
    EXPECT_EQ(again.mount_defaults.cors_origins, config.mount_defaults.cors_origins);
    ASSERT_EQ(again.mounts.size(), config.mounts.size());
    for (const auto& [name, mount] : config.mounts) {
      ASSERT_EQ(again.mounts.count(name), 1u) << name;
      EXPECT_EQ(again.mounts.at(name).burst, mount.burst);
      EXPECT_EQ(again.mounts.at(name).lagging, mount.lagging);
      EXPECT_EQ(again.mounts.at(name).cors_origins, mount.cors_origins);
    }
  }
}

TEST(Describe, EveryKeyIsThere) {
  const Config config = OneOfEach("/live", "one");
  const std::string described = Describe(config);
  for (const Key& key : Keys()) {
    EXPECT_THAT(described, HasSubstr("\n" + std::string(key.name) + " = ")) << PathOf(key);
  }
}

TEST(Describe, APasswordIsNeitherShownNorReplacedByAStandIn) {
  const Config config = Loaded({R"(
    auth.source_password = "hunter2"
    auth.admin_password = "$2b$05$abcdefghijklmnopqrstuuJ0b5yG6BRYVXyCqE9jmXIDpBa0WHdbW"
    mount_defaults.source_password = "env:SHARED"
    [mount."/live"]
    source_password = "hunter3"
    hook_password = "hunter5"
    [user."dj"]
    password = "hunter6"
    token = "hunter7"
    [webhook."studio"]
    secret = "hunter8"
  )",
                                {{"SHARED", "hunter4"}}});
  const std::string described = Describe(config);
  EXPECT_THAT(described, AllOf(Not(HasSubstr("hunter")), Not(HasSubstr("$2b$")),
                               HasSubstr("\n# source_password is set, not shown\n"),
                               HasSubstr("\n# hook_password is set, not shown\n"),
                               HasSubstr("\n# token is set, not shown\n"),
                               HasSubstr("\n# secret is set, not shown\n"),
                               HasSubstr("\n# admin_password is set, not shown\n")));
  EXPECT_EQ(Loaded({described}).auth.source_password, "");
  EXPECT_THAT(Describe(Config{}), HasSubstr("\nsource_password = \"\"\n"));
}

}  // namespace
}  // namespace floe::config
