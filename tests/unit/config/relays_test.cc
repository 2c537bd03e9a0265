// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Where mounts come from and go to: [relay."/name"], [master], [push."/name"].
#include <string>

#include "config/bounds.h"
#include "config/describe.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const Upstream kA = {"http://a.example:8000/live", "", "", ""};

std::string Relay(const std::string& upstream) {
  return "[relay.\"/live\"]\nupstream = " + upstream + "\n";
}

TEST(Relays, AreFetchedFromUrlsAndFromTablesWithCredentials) {
  const Config config = Loaded(
      {Relay("[\"http://a.example:8000/live\", { url = \"http://b/live\", user = \"edge\", "
             "password = \"env:SHARED\" }, { url = \"http://[::1]/x\", token = \"abc.def\" }]"),
       {{"SHARED", "hackme"}}});
  EXPECT_THAT(config.relays.at("/live").upstreams,
              ElementsAre(kA, Upstream{"http://b/live", "edge", "hackme", ""},
                          Upstream{"http://[::1]/x", "", "", "abc.def"}));
}

TEST(Relays, HaveTheirDefaults) {
  const Config config = Loaded({Relay("[\"http://a.example:8000/live\"]")});
  EXPECT_FALSE(config.relays.at("/live").on_demand);
  EXPECT_EQ(config.relays.at("/live").run_on, 10s);
  EXPECT_EQ(config.relays.at("/live").prefer_after, 30s);
}

TEST(Relays, EachHasAMountThatIsLikeTheDefaultsUnlessItSaysOtherwise) {
  const Config config =
      Loaded({"[mount_defaults]\nburst = \"7s\"\n[mount.\"/two\"]\nburst = \"2s\"\n"
              "[relay.\"/one\"]\nupstream = [\"http://a/one\"]\n"
              "[relay.\"/two\"]\nupstream = [\"http://a/two\"]\n"});
  EXPECT_EQ(config.mounts.at("/one").burst, 7s);
  EXPECT_EQ(config.mounts.at("/two").burst, 2s);
}

TEST(Relays, AreSetOnTheCommandLine) {
  const Config config =
      Loaded({.sets = {"relay./live.upstream=http://a.example:8000/live, http://b/x.mp3",
                       "relay.\"/live\".on_demand=true", "push./live.to=http://c/live"}});
  EXPECT_THAT(config.relays.at("/live").upstreams,
              ElementsAre(kA, Upstream{"http://b/x.mp3", "", "", ""}));
  EXPECT_TRUE(config.relays.at("/live").on_demand);
  EXPECT_EQ(config.pushes.at("/live").to, "http://c/live");
  EXPECT_EQ(config.pushes.at("/live").user, "source");
  EXPECT_THAT(Refusal({.sets = {"relay.live.on_demand=true"}}),
              HasSubstr("did you mean \"/live\"?"));
  EXPECT_THAT(Refusal({.sets = {"relay./live.upstraem=http://a"}}),
              HasSubstr("of relay.\"/live\"; did you mean \"upstream\"?"));
  EXPECT_THAT(Refusal({.sets = {"relay./live.upstream=http://a/x,b"}}),
              AllOf(StartsWith("--set: relay.\"/live\".upstream = "),
                    HasSubstr("does not begin with http://")));
}

TEST(Relays, AListThatIsReplacedNeedsNoPassword) {
  const Config config =
      Loaded({.file = Relay("[{ url = \"http://b/x\", user = \"u\", password = \"env:UNSET\" }]"),
              .sets = {"relay./live.upstream=http://a.example:8000/live"}});
  EXPECT_THAT(config.relays.at("/live").upstreams, ElementsAre(kA));
}

TEST(Relays, AVariableThatOnlyTheyNameIsNoMistake) {
  const Said said = {Relay("[{ url = \"http://b/x\", token = \"env:FLOE_TOKEN\" }]"),
                     {{"FLOE_TOKEN", "abc"}}};
  EXPECT_EQ(Loaded(said).relays.at("/live").upstreams[0].token, "abc");
}

TEST(Relays, AMistakeIsToldWithThePlaceOfTheUpstream) {
  EXPECT_THAT(Refusal({"[relay.\"/live\"]\nupstream = [\n  \"http://a/x\",\n  \"b/x\"\n]"}),
              AllOf(StartsWith("floe.toml:4:3: relay.\"/live\".upstream = \"b/x\": does not begin"),
                    HasSubstr("; expected a list of URLs such as ")));
  EXPECT_THAT(Refusal({Relay("[\"https://a/x\"]")}), HasSubstr("https, which is not there yet"));
  EXPECT_THAT(Refusal({Relay("\"http://a/x\"")}), HasSubstr("did you mean [\"http://a/x\"]?"));
  EXPECT_THAT(Refusal({Relay("[\"http://a/x\", \"HTTP://A:80/x\"]")}), HasSubstr("named twice"));
  EXPECT_THAT(Refusal({Relay("[5]")}), HasSubstr("neither a URL nor a table"));
  EXPECT_THAT(Refusal({Relay("[\"\"]")}), HasSubstr("is empty"));
  EXPECT_THAT(Refusal({Relay("[{ user = \"u\" }]")}), HasSubstr("has no url"));
  EXPECT_THAT(Refusal({Relay("[{ url = \"http://a/x\", user = \"a:b\" }]")}), HasSubstr("':'"));
  std::string many;
  for (int i = 0; i < 9; ++i) many += "\"http://a/" + std::to_string(i) + "\",";
  EXPECT_THAT(Refusal({Relay("[" + many + "]")}), HasSubstr("has more than 8"));
}

TEST(Relays, CredentialsAreWholeAndOfOneKind) {
  EXPECT_THAT(Refusal({Relay("[{ url = \"http://a/x\", user = \"u\", password = \"p\", token = "
                             "\"t\" }]")}),
              HasSubstr("a password and a token"));
  EXPECT_THAT(Refusal({Relay("[{ url = \"http://a/x\", password = \"p\" }]")}),
              HasSubstr("a password and no user"));
  EXPECT_THAT(Refusal({Relay("[{ url = \"http://a/x\", token = \"a b\" }]")}),
              HasSubstr("token with a blank"));
}

TEST(Relays, NoPasswordIsEverShown) {
  for (const absl::string_view upstream :
       {"[\"http://relay:hunter2@a/x\"]", "\"http://relay:hunter2@a/x\"",
        "[{ url = \"http://relay:hunter2@a/x\" }]",
        "[{ url = \"http://a/x\", user = \"u\", passwrd = \"hunter2\" }]",
        "[{ url = \"http://a/x\", user = \"u\", password = \"hunter2\\n\" }]",
        "[{ url = \"http://a/x\", token = \"hunter2 b\" }]",
        "[{ url = \"http://a/x\", user = \"u\", password = \"hunter2\", token = \"t\" }]"}) {
    const std::string refusal = Refusal({Relay(std::string(upstream))});
    EXPECT_THAT(refusal, AllOf(StartsWith("floe.toml:2:"), Not(HasSubstr("hunter2")))) << upstream;
  }
  EXPECT_THAT(Refusal({"push./live.to = 1\n[push.\"/b\"]\nto = \"http://u:hunter2@b/\""}),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(Refusal({"master.url = \"http://u:hunter2@b/\""}), Not(HasSubstr("hunter2")));
  const Config config =
      Loaded({Relay("[{ url = \"http://b/x\", user = \"u\", password = \"hunter2\" }]") +
              "[push.\"/live\"]\nto = \"http://c/\"\npassword = \"hunter2\"\n"
              "[master]\nurl = \"http://d\"\npassword = \"hunter2\"\n"});
  EXPECT_THAT(Describe(config),
              AllOf(Not(HasSubstr("hunter2")),
                    HasSubstr("upstream = [{ url = \"http://b/x\", user = \"u\" }]  # with "
                              "passwords, not shown\n"),
                    HasSubstr("# password is set, not shown\n")));
}

TEST(Relays, AMisspeltCredentialIsToldWithWhatWasMeant) {
  EXPECT_THAT(Refusal({Relay("[{ url = \"http://a/x\", user = \"u\", passwrd = \"p\" }]")}),
              HasSubstr("no upstream has; expected a list"));
  EXPECT_THAT(Refusal({Relay("[{ url = \"http://a/x\", user = \"u\", passwrd = \"p\" }]")}),
              HasSubstr("did you mean password?"));
}

TEST(Relays, APasswordThatIsSentIsNoHashOfOneAndMayLookLikeOne) {
  EXPECT_THAT(Refusal({"[push.\"/live\"]\npassword = "
                       "\"$2b$05$abcdefghijklmnopqrstuuJ0b5yG6BRYVXyCqE9jmXIDpBa0WHdbW\""}),
              AllOf(HasSubstr("is a hash"), Not(HasSubstr("$2b$"))));
  EXPECT_EQ(Loaded({"[push.\"/live\"]\npassword = \"$ecret\""}).pushes.at("/live").password,
            "$ecret");
}

TEST(Relays, AreOfMountsByName) {
  EXPECT_EQ(Refusal({"[relay.live]\n"}),
            "floe.toml:1:8: relay.\"live\": a mount name begins with '/'; did you mean "
            "[relay.\"/live\"]?");
  EXPECT_THAT(Refusal({"[relay]\nupstream = [\"http://a/x\"]"}),
              HasSubstr("expected [relay.\"/name\"] and its keys below; did you mean "
                        "relay.\"/name\".upstream?"));
  EXPECT_THAT(Refusal({"relay = 5"}), HasSubstr("expected [relay.\"/name\"]"));
  EXPECT_THAT(Refusal({"[relays.\"/live\"]\n"}), HasSubstr("did you mean \"relay\"?"));
  EXPECT_THAT(Refusal({"[mount.\"/live\"]\nupstream = [\"http://a/x\"]"}),
              HasSubstr("did you mean relay.\"/name\".upstream?"));
  EXPECT_THAT(Refusal({.environment = {{"FLOE_RELAY_UPSTREAM", "http://a/x"}}}),
              HasSubstr("no key is called by this variable"));
}

TEST(Relays, WhatIsEmptyIsWarnedOf) {
  std::vector<std::string> warnings;
  EXPECT_TRUE(TryLoad({"[relay.\"/a\"]\non_demand = true\n[push.\"/b\"]\n"}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre("relay.\"/a\".upstream is empty: nothing is fetched",
                                    "push.\"/b\".to is empty: it is sent nowhere"));
}

TEST(Relays, ThereAreNoMoreThanTheServerFetches) {
  std::string text;
  for (uint32_t i = 0; i <= kRelaysMax; ++i) text += "[relay.\"/" + std::to_string(i) + "\"]\n";
  EXPECT_THAT(Refusal({text}), HasSubstr("names more than 1024 mounts to fetch"));
}

TEST(MasterOfMounts, IsAServerAndNotAPage) {
  const Config config = Loaded({"[master]\nurl = \"http://origin:8000/\"\ninterval = \"5s\"\n"});
  EXPECT_EQ(config.master.url, "http://origin:8000/");
  EXPECT_EQ(config.master.interval, 5s);
  EXPECT_EQ(config.master.user, "relay");
  EXPECT_THAT(Refusal({"master.url = \"http://origin:8000/admin/streamlist.txt\""}),
              HasSubstr("has a path, where all of a server is meant; expected text of at most 2048 "
                        "bytes; did you mean \"http://origin:8000\"?"));
}

TEST(MasterOfMounts, HasAPasswordOrAToken) {
  EXPECT_EQ(Refusal({"[master]\nurl = \"http://a\"\npassword = \"x\"\ntoken = \"y\"\n"}),
            "floe.toml:4:9: master.token would be sent in place of master.password");
}

}  // namespace
}  // namespace floe::config
