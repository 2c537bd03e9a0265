// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// LegacyStream's INI, in the forms of its two documents and as QSettings writes it.
#include "unit/importer/importing.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(LegacyStreamIni, GivesTheFormOfTheArchitecture) {
  const Result result = ImportText(
      "[Server]\nHttpPort=8010\nHttpsPort=8443\nBindAddress=127.0.0.1\nMaxConnections=5000\n"
      "WorkerThreads=8\n[Streaming]\nDefaultLatency=5\nMaxLatency=60\nBufferSize=65536\n"
      "EnableCompression=false\n[SSL]\nEnabled=true\nCertificatePath=/c\n[LetsEncrypt]\n"
      "Email=a@b.example\n[Cloudflare]\nApiToken=secret-token\n",
      Format::kLegacyStream);
  EXPECT_THAT(AddressesOf(result.config), ElementsAre("127.0.0.1:8010"));
  EXPECT_EQ(result.config.limits.listeners, 5'000u);
  EXPECT_EQ(result.config.mount_defaults.burst, 5s);
  EXPECT_EQ(result.config.mount_defaults.history, 60s);
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("workerthreads", "buffersize", "enabled", "", ""));
  for (const Note& note : result.imported.notes) {
    EXPECT_THAT(note.why, testing::Not(HasSubstr("secret-token")));
    EXPECT_GT(note.origin.line, 0u);
  }
}

TEST(LegacyStreamIni, GivesWhatTheDocumentationAdds) {
  const Result result = ImportText(
      "[Server]\nHttpPort=8000\nMaxStreams=20\nLocation=Studio\nHostname=radio.example.com\n"
      "SourcePassword=in\nRelayPassword=rp\nAdminUsername=boss\nAdminPassword=ap\n"
      "[MountPoints]\n/live=icecast\n/backup=shoutcast\n"
      "[MountPoint:/live]\nName=Live\nDescription=All day\nCodec=mp3\nBitrate=128\nPublic=true\n"
      "MaxListeners=30\nFallbackFile=/srv/sorry.mp3\n"
      "[IcecastRelay]\nName=x\nHost=h\nPassword=secret-relay\n[IcecastRelay]\nName=y\n"
      "[Security]\nAllowedIPs=10.0.0.1, 192.168.*\nBlockedIPs=10.0.0.9\nEnableRateLimiting=true\n"
      "MaxRequestsPerMinute=1000\nMaxConnectionsPerIP=100\nConnectionTimeout=30\n"
      "RequestTimeout=60\nRequireAuthentication=false\n[Logging]\nLevel=warning\nMaxSize=10\n",
      Format::kLegacyStream, {{"/srv/sorry.mp3", ""}});
  const config::Config& config = result.config;
  EXPECT_EQ(config.limits.sources, 20u);
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.auth.source_password, "in");
  EXPECT_EQ(config.auth.relay_password, "rp");
  EXPECT_EQ(config.auth.admin_user, "boss");
  EXPECT_EQ(config.auth.admin_password, "ap");
  const config::Mount& live = config.mounts.at("/live");
  EXPECT_EQ(live.stream_name, "Live");
  EXPECT_EQ(live.stream_description, "All day");
  EXPECT_EQ(live.max_listeners, 30u);
  EXPECT_THAT(live.fallback, ElementsAre("file:/srv/sorry.mp3"));
  EXPECT_TRUE(config.mounts.contains("/backup"));
  EXPECT_THAT(TextsOf(config.access.allow), ElementsAre("10.0.0.1", "192.168.0.0/16"));
  EXPECT_THAT(TextsOf(config.access.deny), ElementsAre("10.0.0.9"));
  EXPECT_EQ(config.limits.listeners_per_address, 100u);
  EXPECT_EQ(config.limits.request_rate, 17u);
  EXPECT_EQ(config.limits.client_timeout, 30s);
  EXPECT_EQ(config.limits.header_timeout, 1min);
  EXPECT_EQ(config.log.level, config::LogLevel::kWarn);
  EXPECT_EQ(config.log.rotate_bytes, 10u << 20);
  EXPECT_THAT(result.AllLeftOut(), testing::UnorderedElementsAre("public", "", ""));
}

TEST(LegacyStreamIni, GivesWhatQSettingsWrites) {
  const Result result = ImportText(
      "[General]\nserver/location=Studio\n\n[server]\nhttpPort=8010\nbindAddress=0.0.0.0\n"
      "maxConnections=100000\nsourcePassword=\"in \\\"x\\\"\"\n\n[stream]\ndefaultLatency=4\n"
      "minLatency=1\n\n[fallback]\nenabled=true\nfile=/srv/f.mp3\nemergencyFile=/srv/missing.mp3\n"
      "\n[mountPoints]\n%2Flive\\name=Live\n%2Flive\\maxListeners=1000\n%2Flive\\enabled=true\n"
      "off\\enabled=false\n\n[protocols]\nhls=true\n",
      Format::kLegacyStream, {{"/srv/f.mp3", ""}});
  EXPECT_THAT(AddressesOf(result.config), ElementsAre("0.0.0.0:8010"));
  EXPECT_EQ(result.config.server.location, "Studio");
  EXPECT_EQ(result.config.auth.source_password, "in \"x\"");
  EXPECT_EQ(result.config.mount_defaults.burst, 4s);
  EXPECT_THAT(result.config.mount_defaults.fallback, ElementsAre("file:/srv/f.mp3"));
  EXPECT_EQ(result.config.mounts.at("/live").stream_name, "Live");
  EXPECT_EQ(result.config.mounts.at("/live").max_listeners, 1'000u);
  EXPECT_THAT(result.config.mounts.at("/live").deny, IsEmpty());
  EXPECT_THAT(result.config.mounts.at("/off").deny, SizeIs(2));
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("minlatency", "emergencyfile", ""));
}

TEST(LegacyStreamIni, GivesKeysThatNameTheirSections) {
  const Result result = ImportText(
      "server/httpPort=8010\nserver/hostname=radio.example.com\nmountPoints/live/name=Live\n"
      "mountPoints/live/public=false\nmountPoints//two/name=Two\n",
      Format::kLegacyStream);
  EXPECT_THAT(AddressesOf(result.config), ElementsAre("0.0.0.0:8010"));
  EXPECT_EQ(result.config.server.hostname, "radio.example.com");
  EXPECT_EQ(result.config.mounts.at("/live").stream_name, "Live");
  EXPECT_EQ(result.config.mounts.at("/two").stream_name, "Two");
  EXPECT_TRUE(result.imported.is_whole());
}

TEST(LegacyStreamIni, LimitsNoRequestsWhereThatWasOff) {
  EXPECT_EQ(ImportText("[Security]\nEnableRateLimiting=false\nMaxRequestsPerMinute=1000\n",
                       Format::kLegacyStream)
                .config.limits.request_rate,
            0u);
}

}  // namespace
}  // namespace floe::importer
