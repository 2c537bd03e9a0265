// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// icecast.xml: who may come, and what only Icecast-KH has.
#include "unit/importer/importing.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Result Icecast(const std::string& inner, const std::map<std::string, std::string>& files = {}) {
  return ImportText("<icecast>\n" + inner + "\n</icecast>\n", Format::kIcecast, files);
}
Result Mount(const std::string& inner) {
  return Icecast("<mount><mount-name>/live</mount-name>" + inner + "</mount>");
}

const std::vector<std::string> kEverybody = {"0.0.0.0/0", "::/0"};

TEST(IcecastAccess, AsksTheSameUrls) {
  const Result result = Mount(R"(
    <authentication type="url">
      <option name="listener_add" value="http://auth.example/add"/>
      <option name="listener_remove" value="http://auth.example/gone"/>
      <option name="stream_auth" value="http://auth.example/source"/>
      <option name="mount_add" value="http://auth.example/up"/>
      <option name="mount_remove" value="http://auth.example/down"/>
      <option name="username" value="floe"/><option name="password" value="$ecret"/>
      <option name="auth_header" value="X-Ok: 1"/>
      <option name="timelimit_header" value="X-Limit:"/>
      <option name="headers" value="x-pragma,x-token"/>
      <option name="header_prefix" value="ClientHeader."/>
    </authentication>)");
  const config::Mount& mount = result.config.mounts.at("/live");
  EXPECT_EQ(mount.hook_listener_add, "http://auth.example/add");
  EXPECT_EQ(mount.hook_listener_remove, "http://auth.example/gone");
  EXPECT_EQ(mount.hook_stream_auth, "http://auth.example/source");
  EXPECT_EQ(mount.hook_mount_add, "http://auth.example/up");
  EXPECT_EQ(mount.hook_mount_remove, "http://auth.example/down");
  EXPECT_EQ(mount.hook_user, "floe");
  EXPECT_EQ(mount.hook_password, "$ecret");
  EXPECT_EQ(mount.hook_auth_header, "X-Ok: 1");
  EXPECT_EQ(mount.hook_timelimit_header, "X-Limit:");
  EXPECT_THAT(mount.hook_headers, ElementsAre("x-pragma", "x-token"));
  EXPECT_EQ(mount.hook_header_prefix, "ClientHeader.");
  EXPECT_EQ(mount.hook_on_error, config::OnHookError::kDeny);
  EXPECT_TRUE(result.imported.is_whole());
}

TEST(IcecastAccess, AsksAsIcecastKhDoes) {
  const Result result = Icecast(R"(<limits><workers>2</workers></limits>
    <mount><mount-name>/live</mount-name><authentication type="url">
      <option name="listener_add" value="http://auth.example/add"/>
      <option name="headers" value="x-token"/><option name="timeout" value="6"/>
      <option name="presume_innocent" value="1"/><option name="on_error_wait" value="30"/>
    </authentication></mount>)");
  const config::Mount& mount = result.config.mounts.at("/live");
  EXPECT_EQ(mount.hook_timeout, 6s);
  EXPECT_EQ(mount.hook_on_error, config::OnHookError::kAllow);
  EXPECT_EQ(mount.hook_header_prefix, "ClientHeader-");
  EXPECT_THAT(result.LeftOut("on_error_wait"), SizeIs(1));
}

TEST(IcecastAccess, PassesHeadersOnWithoutAPrefixWhereThereWasNone) {
  const Result result = Mount(R"(<authentication type="url">
      <option name="listener_add" value="http://auth.example/add"/>
      <option name="headers" value="x-token"/></authentication>)");
  EXPECT_EQ(result.config.mounts.at("/live").hook_header_prefix, "");
}

TEST(IcecastAccess, LetsNobodyInWhereItCannotAsk) {
  const Result result = Mount(R"(<authentication type="url">
      <option name="listener_add" value="https://auth.example/add"/></authentication>)");
  EXPECT_THAT(result.LeftOut("listener_add"), ElementsAre(HasSubstr("https")));
  EXPECT_EQ(TextsOf(result.config.mounts.at("/live").deny), kEverybody);
  EXPECT_THAT(result.Changed("listener_add"), ElementsAre(HasSubstr("nobody may")));
}

TEST(IcecastAccess, LetsNobodyInWhereAProgramDecided) {
  const Result result = Mount(R"(<authentication type="command">
      <option name="listener_add" value="/usr/bin/check"/></authentication>)");
  EXPECT_THAT(result.LeftOut("type command"), ElementsAre(HasSubstr("programs")));
  EXPECT_EQ(TextsOf(result.config.mounts.at("/live").deny), kEverybody);
}

TEST(IcecastAccess, GoesByTheSamePasswordFile) {
  const Result result = Mount(R"(<authentication type="htpasswd">
      <option name="filename" value="/etc/icecast/users"/>
      <option name="allow_duplicate_users" value="0"/></authentication>)");
  EXPECT_EQ(result.config.mounts.at("/live").listener_users, "/etc/icecast/users");
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("allow_duplicate_users"));
}

TEST(IcecastAccess, GoesByTheRolesOfIcecast25) {
  const Result result = Icecast(R"(
    <authentication>
      <role type="static" name="ops" allow-admin="*"><option name="username" value="ops"/>
        <option name="password" value="op"/></role>
      <role type="anonymous" allow-method="get"/></authentication>
    <mount><mount-name>/live</mount-name><authentication>
      <role type="url"><option name="client_add" value="http://auth.example/add"/></role>
      <role type="static" allow-method="source,put"><option name="username" value="dj"/>
        <option name="password" value="dp"/></role>
      <role type="enforce-auth"/></authentication></mount>)");
  EXPECT_EQ(result.config.users.at("ops").role, config::Role::kConfigure);
  EXPECT_EQ(result.config.users.at("ops").password, "op");
  EXPECT_THAT(result.config.users.at("ops").mounts, IsEmpty());
  EXPECT_EQ(result.config.users.at("dj").role, config::Role::kSource);
  EXPECT_THAT(result.config.users.at("dj").mounts, ElementsAre("/live"));
  EXPECT_EQ(result.config.mounts.at("/live").hook_listener_add, "http://auth.example/add");
  EXPECT_EQ(TextsOf(result.config.mounts.at("/live").deny), kEverybody);
}

TEST(IcecastAccess, CallsTheUrlsOfSourceEvents) {
  const Result result = Mount(R"(<event-bindings>
      <event type="url" trigger="source-connect"><option name="url" value="http://e/up"/></event>
      <event type="exec" trigger="source-disconnect"/>
      <event type="url" trigger="format-metadata-changed" url="http://e/title"/>
    </event-bindings>)");
  EXPECT_EQ(result.config.mounts.at("/live").hook_mount_add, "http://e/up");
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("source-disconnect", "format-metadata-changed"));
}

TEST(IcecastAccess, LetsNobodyListenWhereNobodyMight) {
  const Result result = Mount("<max-listeners>0</max-listeners>");
  EXPECT_EQ(TextsOf(result.config.mounts.at("/live").deny), kEverybody);
}

TEST(IcecastAccess, GoesByTheSameFileOfBansWhereFloeReadsIt) {
  const std::string text = "<paths><deny-ip>/etc/icecast/bans</deny-ip></paths>";
  const Result same = Icecast(text, {{"/etc/icecast/bans", "# bad\n10.0.0.1\n192.0.2.0/24\n"}});
  EXPECT_EQ(same.config.access.ban_file, "/etc/icecast/bans");
  EXPECT_THAT(same.imported.notes, IsEmpty());
  const Result stars = Icecast(text, {{"/etc/icecast/bans", "10.0.*\n10.1.0.1\n"}});
  EXPECT_EQ(stars.config.access.ban_file, "");
  EXPECT_THAT(TextsOf(stars.config.access.deny), ElementsAre("10.0.0.0/16", "10.1.0.1"));
  EXPECT_THAT(stars.Changed("deny-ip"), SizeIs(1));
  const Result missing = Icecast(text);
  EXPECT_EQ(missing.config.access.ban_file, "/etc/icecast/bans");
  EXPECT_THAT(missing.Changed("deny-ip"), SizeIs(1));
}

TEST(IcecastAccess, TakesOverWhoMayComeOrLetsNobodyIn) {
  const std::string text = "<paths><allow-ip>/etc/icecast/friends</allow-ip></paths>";
  const Result there = Icecast(text, {{"/etc/icecast/friends", "10.0.0.1\n"}});
  EXPECT_THAT(TextsOf(there.config.access.allow), ElementsAre("10.0.0.1"));
  const Result missing = Icecast(text);
  EXPECT_THAT(missing.LeftOut("allow-ip"), SizeIs(1));
  EXPECT_EQ(TextsOf(missing.config.access.deny), kEverybody);
}

TEST(IcecastAccess, HasPathsAsTheyAreOutsideOfAChroot) {
  const Result result = Icecast(
      "<paths><basedir>/srv/jail</basedir><logdir>/log</logdir><deny-ip>/bans</deny-ip></paths>"
      "<logging><errorlog>e.log</errorlog></logging><security><chroot>1</chroot></security>",
      {{"/srv/jail/bans", ""}});
  EXPECT_EQ(result.config.access.ban_file, "/srv/jail/bans");
  EXPECT_EQ(result.config.log.file, "/srv/jail/log/e.log");
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("chroot"));
}

// ---- Icecast-KH ----

TEST(IcecastKh, GivesProxiesAgentsAndBandwidth) {
  const Result result = Icecast(R"(
    <limits><workers>4</workers><max-bandwidth>20m</max-bandwidth>
      <max-listeners>900</max-listeners><clients>1000</clients>
      <queue-size>20s</queue-size><burst-size>3s</burst-size></limits>
    <paths><x-forwarded-for>10.0.0.1</x-forwarded-for><x-forwarded-for>10.1.*</x-forwarded-for>
      <deny-agents>/etc/icecast/agents</deny-agents></paths>)",
                                {{"/etc/icecast/agents", "Bad*Bot\n# none\nRipper?\n"}});
  EXPECT_EQ(result.config.limits.bandwidth_bytes, 2'500'000u);
  EXPECT_EQ(result.config.limits.listeners, 900u);
  EXPECT_EQ(result.config.mount_defaults.history, 20s);
  EXPECT_EQ(result.config.mount_defaults.burst, 3s);
  EXPECT_THAT(TextsOf(result.config.access.trusted_proxies),
              ElementsAre("10.0.0.1", "10.1.0.0/16"));
  EXPECT_THAT(result.config.access.deny_agents, ElementsAre("^Bad.*Bot$", "^Ripper.$"));
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("workers"));
}

TEST(IcecastKh, GivesMountsWhatOnlyItHas) {
  const Result result = Icecast(R"(
    <mount><mount-name>/live</mount-name><hijack>1</hijack><linger-for>30</linger-for>
      <max-bandwidth>800k</max-bandwidth><wait-time>5</wait-time>
      <fallback><mount>/b</mount><rate>64k</rate></fallback></mount>)");
  const config::Mount& mount = result.config.mounts.at("/live");
  EXPECT_TRUE(mount.takeover);
  EXPECT_EQ(mount.linger, 30s);
  EXPECT_EQ(mount.bandwidth_bytes, 100'000u);
  EXPECT_THAT(mount.fallback, ElementsAre("/b"));
  EXPECT_EQ(mount.fallback_override, config::FallbackOverride::kAll);
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("wait-time", "fallback"));
}

TEST(IcecastKh, GivesLogsThatHaveSettingsOfTheirOwn) {
  const Result result = Icecast(R"(
    <paths><logdir>/l</logdir></paths><logging>
      <accesslog><name>a.log</name><size>2000</size><display>100</display></accesslog>
      <errorlog><name>e.log</name><level>warn</level></errorlog></logging>)");
  EXPECT_EQ(result.config.log.access_file, "/l/a.log");
  EXPECT_EQ(result.config.log.file, "/l/e.log");
  EXPECT_EQ(result.config.log.level, config::LogLevel::kWarn);
  EXPECT_EQ(result.config.log.rotate_bytes, 2'000u * 1'024);
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("display"));
}

}  // namespace
}  // namespace floe::importer
