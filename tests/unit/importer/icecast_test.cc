// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// icecast.xml, of Xiph's Icecast and of Icecast-KH: the server, its mounts and what they fetch.
#include "unit/importer/importing.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Result Icecast(const std::string& inner, const std::map<std::string, std::string>& files = {}) {
  return ImportText("<icecast>\n" + inner + "\n</icecast>\n", Format::kIcecast, files);
}

// ---- the server ----

TEST(IcecastXml, GivesTheServerItsNamesSocketsLimitsAndPasswords) {
  const Result result = Icecast(R"(
    <location>Studio 3</location><admin>ops@example.com</admin>
    <hostname>radio.example.com</hostname><shoutcast-mount>/sc</shoutcast-mount>
    <limits><clients>500</clients><sources>12</sources><client-timeout>40</client-timeout>
      <header-timeout>7</header-timeout><source-timeout>8</source-timeout></limits>
    <authentication><source-password>in</source-password><relay-user>edge</relay-user>
      <relay-password>rp</relay-password><admin-user>boss</admin-user>
      <admin-password>ap</admin-password></authentication>
    <listen-socket><port>8000</port></listen-socket>
    <listen-socket><port>8001</port><bind-address>127.0.0.1</bind-address></listen-socket>
    <listen-socket><port>8002</port><bind-address>::</bind-address></listen-socket>)");
  const config::Config& config = result.config;
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.server.location, "Studio 3");
  EXPECT_EQ(config.server.admin_contact, "ops@example.com");
  EXPECT_EQ(config.server.shoutcast_mount, "/sc");
  EXPECT_EQ(config.limits.listeners, 500u);
  EXPECT_EQ(config.limits.sources, 12u);
  EXPECT_EQ(config.limits.client_timeout, 40s);
  EXPECT_EQ(config.limits.header_timeout, 7s);
  EXPECT_EQ(config.limits.source_timeout, 8s);
  EXPECT_EQ(config.auth.source_password, "in");
  EXPECT_EQ(config.auth.relay_user, "edge");
  EXPECT_EQ(config.auth.relay_password, "rp");
  EXPECT_EQ(config.auth.admin_user, "boss");
  EXPECT_EQ(config.auth.admin_password, "ap");
  EXPECT_THAT(AddressesOf(config), ElementsAre("0.0.0.0:8000", "127.0.0.1:8001", "[::]:8002"));
  EXPECT_TRUE(result.imported.is_whole());
  EXPECT_TRUE(result.imported.has_secrets);
  EXPECT_THAT(result.Changed("clients"), SizeIs(1));
}

TEST(IcecastXml, GivesTheOneSocketOfOldFiles) {
  EXPECT_THAT(
      AddressesOf(Icecast("<port>9000</port><bind-address>127.0.0.1</bind-address>").config),
      ElementsAre("127.0.0.1:9000"));
}

TEST(IcecastXml, ListensOnThePortBehindOneThatHasAShoutcastMount) {
  const Result result = Icecast(
      "<listen-socket><port>8000</port><shoutcast-mount>/sc</shoutcast-mount></listen-socket>");
  EXPECT_THAT(AddressesOf(result.config), ElementsAre("0.0.0.0:8000", "0.0.0.0:8001"));
  EXPECT_EQ(result.config.server.shoutcast_mount, "/sc");
  EXPECT_THAT(result.Changed("shoutcast-mount"), SizeIs(1));
}

TEST(IcecastXml, DoesNotListenInTheClearWhereTlsWas) {
  const Result result = Icecast(
      "<listen-socket><port>8000</port><tls>auto</tls></listen-socket>\n"
      "<listen-socket><port>8443</port><ssl>1</ssl></listen-socket>\n"
      "<listen-socket><port>8444</port><tls>rfc2818</tls></listen-socket>");
  EXPECT_THAT(AddressesOf(result.config), ElementsAre("0.0.0.0:8000"));
  EXPECT_THAT(result.LeftOut("ssl"), ElementsAre(HasSubstr("TLS")));
  EXPECT_THAT(result.LeftOut("tls"), ElementsAre(HasSubstr("TLS")));
}

TEST(IcecastXml, DoesNotListenOnANameSinceFloeAsksForNone) {
  const Result result = Icecast(
      "<listen-socket><port>8000</port><bind-address>radio.example</bind-address></listen-socket>");
  EXPECT_THAT(result.LeftOut("port"), ElementsAre(HasSubstr("numeric")));
}

TEST(IcecastXml, GivesTimeForBytes) {
  const Result result =
      Icecast("<limits><queue-size>524288</queue-size><burst-size>65535</burst-size></limits>");
  EXPECT_EQ(result.config.mount_defaults.history, 33s);
  EXPECT_EQ(result.config.mount_defaults.burst, 4s);
  EXPECT_THAT(result.Changed("queue-size"), ElementsAre(HasSubstr("128 kbit/s")));
  EXPECT_TRUE(result.imported.is_whole());
}

TEST(IcecastXml, GivesNoBurstWhereItIsOff) {
  EXPECT_EQ(Icecast("<limits><burst-on-connect>0</burst-on-connect></limits>")
                .config.mount_defaults.burst,
            0s);
  EXPECT_EQ(Icecast("<limits><burst-on-connect>1</burst-on-connect></limits>")
                .config.mount_defaults.burst,
            4s);
}

TEST(IcecastXml, GivesLogsWithTheirFolderAndRotation) {
  const Result result = Icecast(R"(
    <paths><logdir>/var/log/icecast</logdir></paths>
    <logging><accesslog>access.log</accesslog><errorlog>/var/log/error.log</errorlog>
      <playlistlog>playlist.log</playlistlog><loglevel>4</loglevel><logsize>10000</logsize>
      <logarchive>0</logarchive></logging>)");
  EXPECT_EQ(result.config.log.access_file, "/var/log/icecast/access.log");
  EXPECT_EQ(result.config.log.file, "/var/log/error.log");
  EXPECT_EQ(result.config.log.playlist_file, "/var/log/icecast/playlist.log");
  EXPECT_EQ(result.config.log.level, config::LogLevel::kDebug);
  EXPECT_EQ(result.config.log.rotate_bytes, 10'000u * 1'024);
  EXPECT_EQ(result.config.log.rotate_keep, 1u);
}

TEST(IcecastXml, GivesLogsToTheTerminalWhereTheyWentThere) {
  const Result result =
      Icecast("<logging><accesslog>-</accesslog><errorlog>-</errorlog></logging>");
  EXPECT_EQ(result.config.log.access_file, "-");
  EXPECT_EQ(result.config.log.file, "-");
  EXPECT_THAT(result.imported.notes, IsEmpty());
}

TEST(IcecastXml, SaysOfEveryOtherKeyWhatItWas) {
  const Result result = Icecast(R"(
    <server-id>mine</server-id><fileserve>1</fileserve>
    <directory><yp-url>http://dir.example/</yp-url></directory>
    <paths><webroot>/w</webroot><pidfile>/p</pidfile><alias source="/" destination="/status.xsl"/>
      <alias source="/a" destination="/b"/></paths>
    <security><chroot>0</chroot><changeowner><user>x</user></changeowner></security>
    <limits><bodysize>4096</bodysize></limits><what-is-this>1</what-is-this>)");
  EXPECT_THAT(result.AllLeftOut(),
              ElementsAre("server-id", "fileserve", "directory", "what-is-this", "webroot",
                          "pidfile", "alias", "changeowner", "bodysize"));
  EXPECT_THAT(result.LeftOut("what-is-this"), ElementsAre(HasSubstr("does not know")));
  for (const Note& note : result.imported.notes) EXPECT_GT(note.origin.line, 1u);
}

TEST(IcecastXml, WithWrongValuesStillLoads) {
  const Result result = Icecast(R"(
    <hostname>two words</hostname><limits><sources>999999999</sources><clients>lots</clients>
    <header-timeout>soon</header-timeout><queue-size>big</queue-size></limits>
    <mount><mount-name>/x</mount-name><charset>klingon</charset></mount>)");
  EXPECT_THAT(result.LeftOut("hostname"), ElementsAre(HasSubstr("Floe refuses it")));
  EXPECT_THAT(result.LeftOut("sources"), ElementsAre(HasSubstr("too large")));
  EXPECT_THAT(result.LeftOut("header-timeout"), SizeIs(1));
  EXPECT_THAT(result.LeftOut("queue-size"), SizeIs(1));
  EXPECT_THAT(result.LeftOut("charset"), ElementsAre(HasSubstr("iconv")));
  EXPECT_TRUE(result.config.mounts.contains("/x"));
}

// ---- mounts ----

TEST(IcecastXml, GivesAMountAllThatFloeHas) {
  const Result result = Icecast(R"(
    <mount type="normal"><mount-name>/live</mount-name><username>dj</username>
      <password>mine</password><max-listeners>50</max-listeners><burst-size>32000</burst-size>
      <queue-size>640000</queue-size><bitrate>64</bitrate><hidden>1</hidden>
      <charset>UTF-8</charset><fallback-mount>/backup</fallback-mount>
      <fallback-override>1</fallback-override><fallback-when-full>1</fallback-when-full>
      <mp3-metadata-interval>8192</mp3-metadata-interval>
      <max-listener-duration>3600</max-listener-duration><stream-name>Live</stream-name>
      <stream-description>All day</stream-description><stream-url>http://x.example/</stream-url>
      <genre>Jazz</genre>
      <http-headers><header name="Access-Control-Allow-Origin" value="http://x.example"/>
        <header name="X-Own" value="1"/></http-headers></mount>)");
  const config::Mount& mount = result.config.mounts.at("/live");
  EXPECT_EQ(mount.source_user, "dj");
  EXPECT_EQ(mount.source_password, "mine");
  EXPECT_EQ(mount.max_listeners, 50u);
  EXPECT_EQ(mount.burst, 4s);
  EXPECT_EQ(mount.history, 80s);
  EXPECT_TRUE(mount.hidden);
  EXPECT_EQ(mount.charset, "UTF-8");
  EXPECT_THAT(mount.fallback, ElementsAre("/backup"));
  EXPECT_EQ(mount.fallback_override, config::FallbackOverride::kAll);
  EXPECT_TRUE(mount.fallback_when_full);
  EXPECT_EQ(mount.metaint, 8192u);
  EXPECT_EQ(mount.listener_duration, 1h);
  EXPECT_EQ(mount.stream_name, "Live");
  EXPECT_EQ(mount.stream_description, "All day");
  EXPECT_EQ(mount.stream_url, "http://x.example/");
  EXPECT_EQ(mount.stream_genre, "Jazz");
  EXPECT_THAT(mount.cors_origins, ElementsAre("http://x.example"));
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("X-Own"));
}

TEST(IcecastXml, SaysWhatAMountDidThatFloeDoesNot) {
  const Result result = Icecast(R"(
    <mount><mount-name>/live</mount-name><dump-file>/tmp/d</dump-file><public>1</public>
      <on-connect>/bin/up</on-connect><max-listeners>-1</max-listeners>
      <max-history>10</max-history><source-timeout>5</source-timeout><type>audio/aac</type>
      <mp3-metadata-interval>100</mp3-metadata-interval></mount>)");
  EXPECT_THAT(result.AllLeftOut(),
              testing::UnorderedElementsAre("dump-file", "public", "on-connect", "max-history",
                                            "source-timeout", "type"));
  EXPECT_EQ(result.config.mounts.at("/live").metaint, 256u);
  EXPECT_EQ(result.config.mounts.at("/live").max_listeners, 0u);
}

TEST(IcecastXml, ReturnsListenersAsTheOtherServerDid) {
  const std::string fallback = "<fallback-mount>/b</fallback-mount>";
  const auto override_of = [&](const std::string& more, const std::string& outside = "") {
    return Icecast(outside + "<mount><mount-name>/a</mount-name>" + fallback + more + "</mount>")
        .config.mounts.at("/a")
        .fallback_override;
  };
  EXPECT_EQ(override_of(""), config::FallbackOverride::kNone);
  EXPECT_EQ(override_of("<fallback-override>own</fallback-override>"),
            config::FallbackOverride::kOwn);
  EXPECT_EQ(override_of("<fallback-override>0</fallback-override>"),
            config::FallbackOverride::kNone);
  EXPECT_EQ(override_of("", "<limits><workers>2</workers></limits>"),
            config::FallbackOverride::kAll)
      << "Icecast-KH";
}

TEST(IcecastXml, GivesADefaultMountToAllMounts) {
  const Result result = Icecast(R"(
    <mount><mount-name>/live</mount-name><bitrate>64</bitrate></mount>
    <mount type="default"><burst-size>64000</burst-size><hidden>1</hidden></mount>)");
  EXPECT_EQ(result.config.mount_defaults.burst, 4s);
  EXPECT_TRUE(result.config.mounts.at("/live").hidden);
  EXPECT_EQ(result.config.mounts.at("/live").burst, 8s) << "the same bytes last longer";
}

TEST(IcecastXml, GivesNoMountOfAPatternOrOfANameThatIsFloes) {
  const Result result = Icecast(R"(
    <mount><mount-name>/live*</mount-name><authentication type="htpasswd"/></mount>
    <mount><mount-name>/admin/x</mount-name><hidden>1</hidden></mount>
    <mount><mount-name>/*</mount-name><max-listeners>7</max-listeners></mount>)");
  EXPECT_THAT(result.config.mounts, IsEmpty());
  EXPECT_THAT(result.LeftOut("mount-name"), SizeIs(2));
  EXPECT_THAT(result.LeftOut("authentication"), SizeIs(1));
  EXPECT_EQ(result.config.mount_defaults.max_listeners, 7u);
}

TEST(IcecastXml, PlaysFilesOfTheWebrootThatAreThere) {
  const std::string text = R"(
    <paths><webroot>/srv/web</webroot></paths>
    <mount><mount-name>/live</mount-name><intro>/hello.mp3</intro>
      <fallback-mount>/sorry.mp3</fallback-mount></mount>)";
  const Result there = Icecast(text, {{"/srv/web/hello.mp3", ""}, {"/srv/web/sorry.mp3", ""}});
  EXPECT_EQ(there.config.mounts.at("/live").intro, "/srv/web/hello.mp3");
  EXPECT_THAT(there.config.mounts.at("/live").fallback, ElementsAre("file:/srv/web/sorry.mp3"));
  EXPECT_THAT(there.Changed("fallback-mount"), SizeIs(1));
  const Result missing = Icecast(text);
  EXPECT_THAT(missing.LeftOut("intro"), ElementsAre(HasSubstr("/srv/web/hello.mp3")));
  EXPECT_THAT(missing.config.mounts.at("/live").fallback, ElementsAre("/sorry.mp3"));
}

TEST(IcecastXml, SaysWhichFallbacksLeadInACircle) {
  const Result result = Icecast(R"(
    <mount><mount-name>/a</mount-name><fallback-mount>/b</fallback-mount></mount>
    <mount><mount-name>/b</mount-name><fallback-mount>/a</fallback-mount></mount>)");
  EXPECT_THAT(result.LeftOut("fallback-mount"), Not(IsEmpty()));
}

// ---- other servers ----

TEST(IcecastXml, GivesRelaysWithTheirLogins) {
  const Result result = Icecast(R"(
    <relays-on-demand>1</relays-on-demand>
    <relay><server>10.0.0.1</server><port>8010</port><mount>/far</mount>
      <local-mount>/near</local-mount><username>u</username><password>p</password>
      <on-demand>0</on-demand></relay>
    <relay><server>2001:db8::1</server><port>8000</port><mount>/both</mount></relay>)");
  const config::Relay& near = result.config.relays.at("/near");
  EXPECT_THAT(near.upstreams,
              ElementsAre(config::Upstream{"http://10.0.0.1:8010/far", "u", "p", ""}));
  EXPECT_FALSE(near.on_demand);
  const config::Relay& both = result.config.relays.at("/both");
  EXPECT_THAT(both.upstreams,
              ElementsAre(config::Upstream{"http://[2001:db8::1]:8000/both", "", "", ""}));
  EXPECT_TRUE(both.on_demand);
  EXPECT_TRUE(result.imported.is_whole());
}

TEST(IcecastXml, GivesTheUpstreamsOfIcecast25InTheirOrder) {
  const Result result = Icecast(R"(
    <relay><local-mount>/live</local-mount><on-demand>true</on-demand>
      <upstream type="default"><uri>http://last.example/live</uri></upstream>
      <upstream><server>first.example</server><port>8000</port><mount>/live</mount></upstream>
    </relay>)");
  EXPECT_THAT(result.config.relays.at("/live").upstreams,
              ElementsAre(config::Upstream{"http://first.example:8000/live", "", "", ""},
                          config::Upstream{"http://last.example/live", "", "", ""}));
}

TEST(IcecastXml, GivesTheHostsOfIcecastKhByPriority) {
  const Result result = Icecast(R"(
    <relay><local-mount>/live</local-mount><run-on>20</run-on><retry-delay>5</retry-delay>
      <host><ip>b.example</ip><port>80</port><mount>/l</mount><priority>2</priority></host>
      <host><ip>a.example</ip><port>80</port><mount>/l</mount><priority>1</priority></host>
      <host><ip>c.example</ip><port>443</port><mount>/l</mount><ssl>1</ssl></host></relay>
    <relay><local-mount>/off</local-mount><server>d.example</server><enable>0</enable></relay>)");
  EXPECT_THAT(result.config.relays.at("/live").upstreams,
              ElementsAre(config::Upstream{"http://a.example:80/l", "", "", ""},
                          config::Upstream{"http://b.example:80/l", "", "", ""}));
  EXPECT_EQ(result.config.relays.at("/live").run_on, 20s);
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("retry-delay", "server", "enable"));
  EXPECT_FALSE(result.config.relays.contains("/off"));
}

TEST(IcecastXml, GivesItsMaster) {
  const Result xiph = Icecast(R"(
    <master-server>10.0.0.1</master-server><master-server-port>8001</master-server-port>
    <master-username>m</master-username><master-password>mp</master-password>
    <master-update-interval>120</master-update-interval><relays-on-demand>1</relays-on-demand>)");
  EXPECT_EQ(xiph.config.master.url, "http://10.0.0.1:8001");
  EXPECT_EQ(xiph.config.master.user, "m");
  EXPECT_EQ(xiph.config.master.password, "mp");
  EXPECT_EQ(xiph.config.master.interval, 2min);
  EXPECT_TRUE(xiph.config.master.on_demand);
  EXPECT_TRUE(xiph.imported.is_whole());
  const Result kh = Icecast(R"(<master><server>o.example</server><password>mp</password>
    <interval>30</interval><redirect>1</redirect></master>)");
  EXPECT_EQ(kh.config.master.url, "http://o.example:8000");
  EXPECT_EQ(kh.config.master.interval, 30s);
  EXPECT_THAT(kh.AllLeftOut(), ElementsAre("redirect"));
}

}  // namespace
}  // namespace floe::importer
