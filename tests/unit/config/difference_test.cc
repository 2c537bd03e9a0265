// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/difference.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/keys.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Difference Between(const std::string& before, const std::string& after) {
  return Compare(Loaded({.file = before}), Loaded({.file = after}));
}

TEST(Difference, IsNoneBetweenAConfigurationAndItself) {
  const std::string file = "[limits]\nsources = 3\n[mount.\"/live\"]\nburst = \"1s\"\n";
  EXPECT_THAT(Between(file, file).lines, IsEmpty());
}

TEST(Difference, SaysWhatAKeyWasAndWhatItIs) {
  EXPECT_THAT(Between("", "[limits]\nsources = 100\nclient_timeout = \"1m\"\n").lines,
              ElementsAre("limits.sources 64 -> 100", "limits.client_timeout 30s -> 1m"));
  EXPECT_THAT(Between("", "[fanout]\ninterval = \"1s\"\nzero_copy = \"off\"\n").lines,
              ElementsAre("fanout.interval auto -> 1s", "fanout.zero_copy auto -> off"));
  EXPECT_THAT(Between("", "[server]\nlocation = \"\"\n").lines,
              ElementsAre("server.location \"Earth\" -> \"\""));
}

TEST(Difference, SaysWhatOnlyASwapChanges) {
  EXPECT_THAT(Between("", "[limits]\narena = \"512MiB\"\n").lines,
              ElementsAre("limits.arena 256MiB -> 512MiB needs a swap: floe upgrade"));
  EXPECT_THAT(Between("", "[server]\nshards = 3\n").lines,
              ElementsAre("server.shards 0 -> 3 needs a swap: floe upgrade"));
}

TEST(Difference, NeverSaysAPassword) {
  const Difference found =
      Between("[auth]\nsource_password = \"hear-nothing\"\n[mount.\"/live\"]\nburst = \"1s\"\n",
              "[auth]\nsource_password = \"see-nothing\"\n"
              "[mount.\"/live\"]\nburst = \"1s\"\nsource_password = \"say-nothing\"\n");
  EXPECT_THAT(found.lines,
              ElementsAre("auth.source_password changed", "mount /live: source_password changed"));
}

TEST(Difference, NamesTheAddressesThatComeAndGo) {
  const auto listening = [](const std::string& addresses) {
    return Loaded({.sets = {absl::StrCat("listen=", addresses)}});
  };
  const Difference found =
      Compare(listening("127.0.0.1:1,127.0.0.1:2"), listening("127.0.0.1:2,[::]:3"));
  EXPECT_THAT(found.lines, ElementsAre("listen: removed 127.0.0.1:1", "listen: added [::]:3"));
  EXPECT_THAT(found.listen_removed, ElementsAre("127.0.0.1:1"));
  EXPECT_THAT(found.listen_added, ElementsAre("[::]:3"));
}

TEST(Difference, NamesTheMountsThatComeChangeAndGo) {
  const Difference found = Between(
      "[mount.\"/gone\"]\nhidden = true\n[mount.\"/live\"]\nburst = \"1s\"\nmetaint = 8000\n",
      "[mount.\"/live\"]\nburst = \"2s\"\n[mount.\"/new\"]\nhidden = true\n");
  EXPECT_THAT(found.lines, ElementsAre("mount /gone: removed",
                                       "mount /live: burst 1s -> 2s, metaint 8000 -> 16000",
                                       "mount /new: added"));
  EXPECT_THAT(found.mounts_removed, ElementsAre("/gone"));
  EXPECT_THAT(found.mounts_added, ElementsAre("/new"));
}

TEST(Difference, TellsOfTheDefaultsOnceAndNotForEachMountThatHasThem) {
  const std::string mounts = "[mount.\"/a\"]\nhidden = true\n[mount.\"/b\"]\nburst = \"2s\"\n";
  EXPECT_THAT(Between(mounts, "[mount_defaults]\nburst = \"6s\"\n" + mounts).lines,
              ElementsAre("mount_defaults: burst 4s -> 6s"));
}

TEST(Difference, NamesTheRelaysThatStartChangeAndStop) {
  const auto relay = [](const std::string& mount, const std::string& key) {
    return absl::StrCat("[mount.\"", mount, "\"]\n[relay.\"", mount, "\"]\n", key, "\n");
  };
  const std::string password = "upstream = [{ url = \"http://b/x\", user = \"u\", password = \"";
  const Difference found =
      Between(relay("/gone", "") + relay("/live", "upstream = [\"http://a/x\"]") +
                  relay("/secret", password + "one\" }]"),
              relay("/live", "upstream = [\"http://a/x\", \"http://b/x\"]\non_demand = true") +
                  relay("/new", "") + relay("/secret", password + "two\" }]"));
  EXPECT_THAT(found.lines,
              ElementsAre("mount /gone: removed", "mount /new: added", "relay /gone: removed",
                          "relay /live: upstream [\"http://a/x\"] -> [\"http://a/x\", "
                          "\"http://b/x\"], on_demand false -> true",
                          "relay /secret: upstream's passwords changed", "relay /new: added"));
  EXPECT_THAT(found.relays.stopped, ElementsAre("/gone"));
  EXPECT_THAT(found.relays.changed, ElementsAre("/live", "/secret"));
  EXPECT_THAT(found.relays.started, ElementsAre("/new"));
  EXPECT_FALSE(found.is_master_changed);
}

TEST(Difference, SaysWhetherTheMasterIsAnother) {
  const Difference found = Between("", "[master]\nurl = \"http://a\"\ntoken = \"t\"\n");
  EXPECT_THAT(found.lines, ElementsAre("master.url \"\" -> \"http://a\"", "master.token changed"));
  EXPECT_TRUE(found.is_master_changed);
}

TEST(Difference, NamesThePushesThatStartChangeAndStop) {
  const Difference found =
      Between("[push.\"/a\"]\nto = \"http://c/a\"\n[push.\"/b\"]\n",
              "[push.\"/a\"]\nto = \"http://d/a\"\npassword = \"x\"\n[push.\"/c\"]\n");
  EXPECT_THAT(found.lines,
              ElementsAre("push /a: to \"http://c/a\" -> \"http://d/a\", password changed",
                          "push /b: removed", "push /c: added"));
  EXPECT_THAT(found.pushes.stopped, ElementsAre("/b"));
  EXPECT_THAT(found.pushes.changed, ElementsAre("/a"));
  EXPECT_THAT(found.pushes.started, ElementsAre("/c"));
}

TEST(Difference, NamesTheUsersAndWebhooksThatComeChangeAndGo) {
  const Difference found =
      Between("[user.\"dj\"]\npassword = \"one\"\n[user.\"gone\"]\n[webhook.\"studio\"]\n",
              "[user.\"dj\"]\npassword = \"two\"\nrole = \"operate\"\n[webhook.\"studio\"]\n"
              "events = [\"title\"]\nsecret = \"three\"\n[webhook.\"new\"]\n");
  EXPECT_THAT(found.lines,
              ElementsAre("user dj: password changed, role read -> operate", "user gone: removed",
                          "webhook studio: secret changed, events [] -> [\"title\"]",
                          "webhook new: added"));
  EXPECT_THAT(found.users.changed, ElementsAre("dj"));
  EXPECT_THAT(found.users.stopped, ElementsAre("gone"));
  EXPECT_THAT(found.webhooks.changed, ElementsAre("studio"));
  EXPECT_THAT(found.webhooks.started, ElementsAre("new"));
}

TEST(Difference, TellsOfAnAddressThatIsHeardInAnotherWay) {
  const std::string address = "[[listen]]\naddress = \"127.0.0.1:1\"\n";
  const Difference found = Between(address, address + "proxy_protocol = true\n");
  EXPECT_THAT(found.lines, ElementsAre("listen 127.0.0.1:1: proxy_protocol false -> true"));
  EXPECT_THAT(found.listen_added, IsEmpty());
  EXPECT_THAT(found.listen_removed, IsEmpty());
}

TEST(Difference, ApplyingInPlaceKeepsEveryKeyThatNeedsASwapAndNoOther) {
  const Config running;
  for (const Key& key : Keys()) {
    if (key.table == Table::kListen) continue;
    if (NamesOf(key.table).is_of_names_only()) continue;
    const auto* choice = std::get_if<Choice>(&key.field);
    std::string value = "7";
    if (choice != nullptr) value = std::string(choice->names.back());
    if (std::holds_alternative<Number>(key.field)) value = key.name == "metaint" ? "777" : "7";
    if (std::holds_alternative<Flag>(key.field)) value = "true";
    if (std::holds_alternative<Time>(key.field)) value = "7s";
    if (std::holds_alternative<AutoTime>(key.field)) value = "7s";
    if (std::holds_alternative<Size>(key.field)) value = "4MiB";
    if (std::holds_alternative<Origins>(key.field)) value = "https://a.example";
    if (std::holds_alternative<Cidrs>(key.field)) value = "192.0.2.7";
    if (key.name == "fallback") value = "/other";
    if (absl::StrContains(key.name, "_header") && key.name != "hook_headers") value = "Other:";
    if (key.name == "hook_header_prefix") value = "Other-";
    const bool is_url = absl::StartsWith(key.name, "hook_listener") ||
                        absl::StartsWith(key.name, "hook_mount") || key.name == "hook_stream_auth";
    if (is_url) value = "http://a.example/hook";
    if (key.name == "charset") value = "CP1252";
    if (key.name == "interval_min") value = "7ms";
    if (key.name == "shoutcast_mount") value = "/other";
    if (key.name == "url") value = "http://a.example";
    Config changed = Loaded({.sets = {PathOf(key) + "=" + value}});
    EXPECT_THAT(Compare(running, changed).lines, ElementsAre(HasSubstr(key.name)));
    KeepWhatNeedsSwap(running, &changed);
    const bool is_kept = Compare(running, changed).lines.empty();
    EXPECT_EQ(is_kept, key.change == Change::kSwap) << PathOf(key);
  }
}

}  // namespace
}  // namespace floe::config
