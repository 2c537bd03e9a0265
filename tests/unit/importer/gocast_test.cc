// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// GoCast's configuration, in its two forms.
#include "unit/importer/importing.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kVibe[] = R"(# GoCast
server {
    hostname radio.example.com
    listen 127.0.0.1
    port 8010
    ssl_port 8443
    location "Studio 3"
    server_id GoCast
    admin_root /admin
    ssl { enabled true cert /c key /k }
}
auth { source_password in  relay_password "" admin_user boss }
limits {
    max_clients 100
    max_sources 10
    max_listeners_per_mount 50
    queue_size 524288
    burst_size 65535
    client_timeout 30 header_timeout 15 source_timeout 12
}
logging { access_log /var/log/a.log error_log /var/log/e.log level warning log_size 10000 }
admin { enabled true user ignored password ap }
directory { enabled true yp_urls [ http://dir.example/ ] interval 600 }
mounts {
    live {
        password mine max_listeners 40 fallback /backup stream_name "Live" genre Jazz
        description "All day" url "http://x.example" bitrate 64 type audio/mpeg public true
        hidden true max_listener_duration 3600
        allowed_ips [ 192.168.1.* 10.0.0.1 ] denied_ips [ 192.168.1.7 ] dump_file "/tmp/d.mp3"
    }
    "/two" { burst_size 64000 }
}
)";

TEST(GoCastVibe, GivesAllThatFloeHas) {
  const Result result = ImportText(kVibe, Format::kVibe);
  const config::Config& config = result.config;
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.server.location, "Studio 3");
  EXPECT_THAT(AddressesOf(config), ElementsAre("127.0.0.1:8010"));
  EXPECT_EQ(config.auth.source_password, "in");
  EXPECT_EQ(config.auth.relay_password, "");
  EXPECT_EQ(config.auth.admin_user, "boss");
  EXPECT_EQ(config.auth.admin_password, "ap");
  EXPECT_EQ(config.limits.listeners, 100u);
  EXPECT_EQ(config.limits.sources, 10u);
  EXPECT_EQ(config.limits.source_timeout, 12s);
  EXPECT_EQ(config.mount_defaults.max_listeners, 50u);
  EXPECT_EQ(config.mount_defaults.history, 33s);
  EXPECT_EQ(config.mount_defaults.burst, 4s);
  EXPECT_EQ(config.log.access_file, "/var/log/a.log");
  EXPECT_EQ(config.log.file, "/var/log/e.log");
  EXPECT_EQ(config.log.level, config::LogLevel::kWarn);
  EXPECT_EQ(config.log.rotate_bytes, 10'000u * 1'024);
}

TEST(GoCastVibe, GivesItsMounts) {
  const Result result = ImportText(kVibe, Format::kVibe);
  const config::Mount& live = result.config.mounts.at("/live");
  EXPECT_EQ(live.source_password, "mine");
  EXPECT_EQ(live.max_listeners, 40u);
  EXPECT_THAT(live.fallback, ElementsAre("/backup"));
  EXPECT_EQ(live.stream_name, "Live");
  EXPECT_EQ(live.stream_genre, "Jazz");
  EXPECT_EQ(live.stream_description, "All day");
  EXPECT_EQ(live.stream_url, "http://x.example");
  EXPECT_TRUE(live.hidden);
  EXPECT_EQ(live.listener_duration, 1h);
  EXPECT_EQ(live.burst, 8s) << "the same bytes at 64 kbit/s";
  EXPECT_EQ(live.history, 66s);
  EXPECT_THAT(TextsOf(live.allow), ElementsAre("192.168.1.0/24", "10.0.0.1"));
  EXPECT_THAT(TextsOf(live.deny), ElementsAre("192.168.1.7"));
  EXPECT_EQ(result.config.mounts.at("/two").burst, 4s);
}

TEST(GoCastVibe, SaysWhatFloeHasNot) {
  const Result result = ImportText(kVibe, Format::kVibe);
  EXPECT_THAT(result.AllLeftOut(), testing::UnorderedElementsAre("server_id", "enabled", "enabled",
                                                                 "public", "dump_file"));
  EXPECT_THAT(result.Changed("user"), SizeIs(1)) << "that of auth is another";
  EXPECT_FALSE(result.imported.is_whole());
  for (const Note& note : result.imported.notes) EXPECT_GT(note.origin.line, 1u) << note.why;
}

TEST(GoCastJson, GivesTheSame) {
  const Result result = ImportText(R"({"version": 1, "last_modified": "2026-01-01T00:00:00Z",
    "setup_complete": true,
    "server": {"hostname": "radio.example.com", "listen_address": "0.0.0.0", "port": 8010,
               "admin_root": "/manage", "location": "Earth", "server_id": ""},
    "ssl": {"enabled": false, "port": 8443},
    "limits": {"max_clients": 100, "max_sources": 10, "max_listeners_per_mount": 100,
               "queue_size": 2097152, "burst_size": 131072, "client_timeout": 120,
               "header_timeout": 5, "source_timeout": 5},
    "auth": {"source_password": "in", "admin_user": "admin", "admin_password": "ap"},
    "logging": {"access_log": "", "error_log": "", "log_level": "info", "log_size": 0},
    "mounts": {"/live": {"name": "/live", "fallback_mount": "/backup", "max_listeners": 0,
                         "allowed_ips": ["nobody.example"], "hidden": false}},
    "admin": {"enabled": true}, "directory": {"enabled": false}})",
                                   Format::kGoCast);
  EXPECT_THAT(AddressesOf(result.config), ElementsAre("0.0.0.0:8010"));
  EXPECT_EQ(result.config.mount_defaults.history, 131s);
  EXPECT_EQ(result.config.mount_defaults.burst, 8s);
  EXPECT_EQ(result.config.limits.client_timeout, 2min);
  EXPECT_THAT(result.config.mounts.at("/live").fallback, ElementsAre("/backup"));
  EXPECT_THAT(result.LeftOut("admin_root"), SizeIs(1));
  EXPECT_THAT(result.LeftOut("allowed_ips"), SizeIs(1));
  EXPECT_EQ(TextsOf(result.config.mounts.at("/live").deny),
            (std::vector<std::string>{"0.0.0.0/0", "::/0"}));
}

TEST(GoCast, OfNothingIsAnEmptyConfiguration) {
  EXPECT_THAT(ImportText("", Format::kVibe).imported.notes, IsEmpty());
  EXPECT_THAT(ImportText("{}", Format::kGoCast).imported.notes, IsEmpty());
}

TEST(GoCast, SaysWhatItDoesNotKnow) {
  const Result result = ImportText("server { colour blue }\nlights { on true }", Format::kVibe);
  EXPECT_THAT(result.LeftOut("colour"), ElementsAre(HasSubstr("does not know")));
  EXPECT_THAT(result.LeftOut("lights"), ElementsAre(HasSubstr("does not know")));
}

}  // namespace
}  // namespace floe::importer
