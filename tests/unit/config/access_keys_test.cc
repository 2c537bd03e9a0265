// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Who may come and who may log in, as it is configured.
#include <string>
#include <vector>

#include "config/describe.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> WarningsOf(const std::string& file) {
  std::vector<std::string> warnings;
  EXPECT_TRUE(TryLoad({file}, &warnings).ok()) << TryLoad({file}).status();
  return warnings;
}

TEST(AccessKeys, NetworksAreReadAsTheyAreMeant) {
  const Config config = Loaded({"access.deny = [\"10.1.2.3/8\", \"2001:db8::/32\"]\n"});
  ASSERT_EQ(config.access.deny.size(), 2u);
  EXPECT_EQ(config.access.deny[0].ToString(), "10.0.0.0/8");
  EXPECT_EQ(config.access.deny[1].ToString(), "2001:db8::/32");
  EXPECT_EQ(config.access.metrics_from.size(), 2u);
}

TEST(AccessKeys, WhatIsNoNetworkIsToldWhereItStands) {
  EXPECT_EQ(Refusal({"[access]\nallow = [\"10.0.0.0/8\",\n  \"10.0.0.0/33\"]\n"}),
            "floe.toml:3:3: access.allow = \"10.0.0.0/33\": has no length from 0 to 32 after its "
            "'/'; expected a list of addresses and networks such as [\"192.0.2.7\", "
            "\"10.0.0.0/8\", \"2001:db8::/32\"]");
  EXPECT_THAT(Refusal({"access.deny = \"10.0.0.0/8\""}),
              HasSubstr("did you mean [\"10.0.0.0/8\"]?"));
  EXPECT_THAT(Refusal({"access.deny = [\"radio.example\"]"}), HasSubstr("is no address"));
  EXPECT_THAT(Refusal({"access.deny = [7]"}), HasSubstr("is not text"));
}

TEST(AccessKeys, AnAgentIsARegularExpressionThatCompiles) {
  EXPECT_THAT(Loaded({"access.deny_agents = ['^Bad', '(?i)bot\\d+']"}).access.deny_agents,
              ElementsAre("^Bad", "(?i)bot\\d+"));
  EXPECT_THAT(Refusal({"access.deny_agents = ['bot(']"}),
              HasSubstr("is no regular expression of RE2: missing )"));
  EXPECT_THAT(Refusal({"access.deny_agents = ['(a)\\1']"}), HasSubstr("invalid escape"));
  EXPECT_THAT(Refusal({"access.deny_agents = ['']"}), HasSubstr("is empty"));
  EXPECT_THAT(Refusal({"mount_defaults.deny_agents = ['x', 'x']"}), HasSubstr("is named twice"));
}

TEST(AccessKeys, AListOfTheEnvironmentIsSplitAtCommas) {
  const Config config =
      Loaded({.environment = {{"FLOE_ACCESS_DENY", "10.0.0.0/8, ::1"},
                              {"FLOE_MOUNT_DEFAULTS_HOOK_HEADERS", "Referer,X-Token"}}});
  EXPECT_EQ(config.access.deny.size(), 2u);
  EXPECT_THAT(config.mount_defaults.hook_headers, ElementsAre("Referer", "X-Token"));
}

TEST(ListenKeys, AnAddressMayBeginWithAProxyHeaderWhereAnotherDoesNot) {
  const Config config = Loaded({R"(
    access.trusted_proxies = ["127.0.0.1"]
    [[listen]]
    address = "127.0.0.1:1"
    [[listen]]
    proxy_protocol = true
    address = "127.0.0.1:2"
  )"});
  ASSERT_EQ(config.listen.size(), 2u);
  EXPECT_FALSE(config.listen[0].proxy_protocol);
  EXPECT_TRUE(config.listen[1].proxy_protocol);
}

TEST(ListenKeys, WhatIsSaidByTheEnvironmentOrTheCommandLineIsOfEveryAddress) {
  const Config config = Loaded({.environment = {{"FLOE_LISTEN_PROXY_PROTOCOL", "true"},
                                                {"FLOE_LISTEN", "127.0.0.1:1,127.0.0.1:2"}}});
  ASSERT_EQ(config.listen.size(), 2u);
  EXPECT_TRUE(config.listen[0].proxy_protocol && config.listen[1].proxy_protocol);
  EXPECT_TRUE(Loaded({.sets = {"listen.proxy_protocol=true"}}).listen[0].proxy_protocol);
}

TEST(ListenKeys, AMistakeIsToldWhereItStands) {
  EXPECT_EQ(Refusal({"[[listen]]\naddress = \"0.0.0.0:1\"\nproxy_protocol = \"yes\"\n"}),
            "floe.toml:3:18: listen = \"yes\": is said of proxy_protocol, which is true or false; "
            "expected numeric addresses such as \"0.0.0.0:8000\" or \"[::]:8000\"");
}

TEST(ListenKeys, AProxyHeaderThatNobodyMaySayIsWarnedOf) {
  EXPECT_THAT(WarningsOf("[[listen]]\naddress = \"127.0.0.1:1\"\nproxy_protocol = true\n"),
              ElementsAre("listen \"127.0.0.1:1\" has proxy_protocol and access.trusted_proxies is "
                          "empty: nobody may connect there"));
}

TEST(Users, HaveARoleMountsAndAPasswordOrAToken) {
  const std::string hash(64, 'a');
  const Config config = Loaded({R"(
    [user."dj"]
    password = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA"
    role = "source"
    mounts = ["/live"]
    [user."robot"]
    token = "sha256:)" + hash + R"("
    role = "operate"
  )"});
  EXPECT_EQ(config.users.at("dj").role, Role::kSource);
  EXPECT_THAT(config.users.at("dj").mounts, ElementsAre("/live"));
  EXPECT_EQ(config.users.at("robot").token, "sha256:" + hash);
  EXPECT_THAT(config.mounts, IsEmpty()) << "a mount that only a user names is none";
}

TEST(Users, AreSetByTheCommandLineWithOrWithoutQuotes) {
  const Config config =
      Loaded({.sets = {"user.dj.role=source", "user.\"d.j=\".role=operate", "user.dj.mounts=/a"}});
  EXPECT_EQ(config.users.at("dj").role, Role::kSource);
  EXPECT_EQ(config.users.at("d.j=").role, Role::kOperate);
  EXPECT_THAT(config.users.at("dj").mounts, ElementsAre("/a"));
}

TEST(Users, AMistakeIsToldWithoutThePassword) {
  EXPECT_EQ(Refusal({"[user.\"a:b\"]\n"}),
            "floe.toml:1:7: user.\"a:b\": holds a ':', where a user's name ends");
  EXPECT_THAT(Refusal({"[user.\"\"]\n"}), HasSubstr("is empty"));
  EXPECT_THAT(Refusal({"[user.\"a\"]\nrole = \"admin\"\n"}),
              HasSubstr("expected \"source\" or \"relay\" or \"read\" or"));
  EXPECT_THAT(Refusal({"[user.\"a\"]\npasword = \"x\"\n"}),
              HasSubstr("did you mean \"password\"?"));
  EXPECT_THAT(Refusal({"user = 7"}), HasSubstr("expected [user.\"name\"]"));
  EXPECT_THAT(Refusal({"[user]\nrole = \"read\"\n"}), HasSubstr("expected [user.\"name\"]"));
  for (const std::string token : {"hunter 2", "sha256:hunter2", "hunter\xc3\xb6"}) {
    const std::string refusal = Refusal({"[user.\"a\"]\ntoken = \"" + token + "\"\n"});
    EXPECT_THAT(refusal, HasSubstr("user.\"a\".token: "));
    EXPECT_THAT(refusal, Not(HasSubstr("hunter")));
  }
}

TEST(Users, OneThatCannotLogInOrHasATakenNameIsWarnedOf) {
  const std::string token = "token = \"sha256:" + std::string(64, '0') + "\"\n";
  EXPECT_THAT(WarningsOf("[user.\"dj\"]\n"), ElementsAre(HasSubstr("nobody logs in")));
  EXPECT_THAT(WarningsOf("[user.\"dj\"]\n" + token), IsEmpty());
  EXPECT_THAT(WarningsOf("[user.\"admin\"]\n" + token),
              ElementsAre(HasSubstr("has the name of one of [auth]")));
}

TEST(Webhooks, NameThePageAndTheEvents) {
  const Config config = Loaded({R"(
    [webhook."studio"]
    url = "http://studio.example/floe?x=1"
    secret = "env:SECRET"
    events = ["source_up", "relay_down"]
  )",
                                {{"SECRET", "$hush"}}});
  const Webhook& webhook = config.webhooks.at("studio");
  EXPECT_EQ(webhook.url, "http://studio.example/floe?x=1");
  EXPECT_EQ(webhook.secret, "$hush");
  EXPECT_THAT(webhook.events, ElementsAre("source_up", "relay_down"));
}

TEST(Webhooks, AMistakeIsTold) {
  EXPECT_THAT(Refusal({"[webhook.\"a\"]\nevents = [\"sourceup\"]\n"}),
              HasSubstr("is no event; expected a list of events such as [\"source_up\", "
                        "\"source_down\", \"title\"]; did you mean \"source_up\"?"));
  EXPECT_THAT(Refusal({"[webhook.\"a\"]\nurl = \"https://a/\"\n"}), HasSubstr("https"));
  EXPECT_THAT(WarningsOf("[webhook.\"a\"]\n"),
              ElementsAre("webhook.\"a\".url is empty: nobody is told"));
}

TEST(Hooks, HeadersAreSuchAsCanBeSent) {
  const auto refusal = [](const std::string& line) {
    return Refusal({"[mount_defaults]\n" + line + "\n"});
  };
  EXPECT_THAT(refusal("hook_headers = [\"Re ferer\"]"), HasSubstr("is not the name of a header"));
  EXPECT_THAT(refusal("hook_header_prefix = \"a:\""), HasSubstr("no name of a header"));
  EXPECT_THAT(refusal("hook_auth_header = \"icecast-auth-user\""),
              HasSubstr("did you mean \"icecast-auth-user:\"?"));
  EXPECT_THAT(refusal("hook_listener_add = \"ftp://a/\""), HasSubstr("hook_listener_add"));
  EXPECT_THAT(refusal("hook_timeout = \"0s\""), HasSubstr("is too small"));
}

TEST(LogKeys, OneFileIsOfOneKind) {
  EXPECT_THAT(Refusal({"[log]\naccess_file = \"/a\"\nauth_file = \"/a\"\n"}),
              HasSubstr("log.access_file = \"/a\" is the same file as log.auth_file = \"/a\""));
  EXPECT_THAT(Loaded({"[log]\nauth_file = \"-\"\nplaylist_file = \"-\"\n"}).log.auth_file, "-");
}

TEST(LimitKeys, ZeroIsNoLimitAndNearlyZeroAMistake) {
  EXPECT_EQ(Loaded({"limits.bandwidth = \"0B\""}).limits.bandwidth_bytes, 0u);
  EXPECT_EQ(Loaded({"limits.bandwidth = \"10MB\""}).limits.bandwidth_bytes, 10'000'000u);
  EXPECT_THAT(Refusal({"limits.bandwidth = \"1B\""}),
              HasSubstr("is too small; expected \"0B\" or a size"));
  EXPECT_THAT(Refusal({"[access]\nlockout_min = \"1h\"\n"}),
              HasSubstr("access.lockout_min = \"1h\" is longer than access.lockout_max = \"15m\""));
}

}  // namespace
}  // namespace floe::config
