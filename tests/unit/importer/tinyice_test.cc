// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "unit/importer/importing.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Of bcrypt, of the password "x".
constexpr char kHash[] = "$2b$04$abcdefghijklmnopqrstuuBO6vXpoPoXVJ3M/MBgBfR0B5SvJaGtW";

// The text with 'HASH' in it replaced.
Result TinyIce(std::string text, const std::map<std::string, std::string>& files = {}) {
  for (size_t at = 0; (at = text.find("HASH", at)) != std::string::npos;) {
    text.replace(at, 4, kHash);
  }
  return ImportText(text, Format::kTinyIce, files);
}

TEST(TinyIceJson, GivesTheServer) {
  const Result result = TinyIce(R"({"bind_host": "127.0.0.1", "port": "8010",
    "default_source_password": "HASH", "admin_user": "boss", "admin_password": "HASH",
    "location": "Studio", "admin_email": "ops@example.com", "hostname": "radio.example.com",
    "max_listeners": 100, "banned_ips": ["192.0.2.1", "198.51.100.0/24"],
    "trusted_proxies": ["10.0.0.0/8"], "whitelisted_ips": [], "setup_complete": true})");
  const config::Config& config = result.config;
  EXPECT_THAT(AddressesOf(config), ElementsAre("127.0.0.1:8010"));
  EXPECT_EQ(config.auth.source_password, kHash);
  EXPECT_EQ(config.auth.admin_user, "boss");
  EXPECT_EQ(config.auth.admin_password, kHash);
  EXPECT_EQ(config.server.location, "Studio");
  EXPECT_EQ(config.server.admin_contact, "ops@example.com");
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.mount_defaults.max_listeners, 100u);
  EXPECT_THAT(TextsOf(config.access.deny), ElementsAre("192.0.2.1", "198.51.100.0/24"));
  EXPECT_THAT(TextsOf(config.access.trusted_proxies), ElementsAre("10.0.0.0/8"));
  EXPECT_THAT(result.imported.notes, IsEmpty());
  EXPECT_TRUE(result.imported.has_secrets);
}

TEST(TinyIceJson, GivesMountsByAllItsMaps) {
  const Result result = TinyIce(R"({"mounts": {"/a": "HASH", "b": "HASH"},
    "advanced_mounts": {"/a": {"password": "HASH", "burst_size": 64000,
                               "name_override": "Station A"}},
    "visible_mounts": {"/a": false, "/b": true}, "disabled_mounts": {"/c": true, "/b": false},
    "fallback_mounts": {"/a": "/b"}})");
  const config::Mount& a = result.config.mounts.at("/a");
  EXPECT_EQ(a.source_password, kHash);
  EXPECT_EQ(a.burst, 4s);
  EXPECT_EQ(a.stream_name, "Station A");
  EXPECT_TRUE(a.hidden);
  EXPECT_THAT(a.fallback, ElementsAre("/b"));
  EXPECT_EQ(result.config.mounts.at("/b").source_password, kHash);
  EXPECT_FALSE(result.config.mounts.at("/b").hidden);
  EXPECT_THAT(TextsOf(result.config.mounts.at("/c").deny), ElementsAre("0.0.0.0/0", "::/0"));
  EXPECT_TRUE(result.imported.is_whole());
}

TEST(TinyIceJson, GivesRelaysThatAreOn) {
  const Result result = TinyIce(R"({"bind_host": "", "relays": [
    {"url": "http://m:8000/s", "mount": "/r", "password": "p", "burst_size": 0, "enabled": true},
    {"url": "https://m/s", "mount": "/tls", "password": "", "enabled": true},
    {"url": "http://m/s", "mount": "/off", "enabled": false}]})");
  EXPECT_THAT(result.config.relays.at("/r").upstreams,
              ElementsAre(config::Upstream{"http://m:8000/s", "relay", "p", ""}));
  EXPECT_THAT(result.config.relays, SizeIs(1));
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("url", "enabled"));
}

TEST(TinyIceJson, GivesUsersTheirRolesAndMounts) {
  const Result result = TinyIce(R"({"admin_user": "boss", "admin_password": "HASH", "users": {
    "boss": {"username": "boss", "password": "HASH", "role": "superadmin", "mounts": {}},
    "root": {"username": "root", "password": "HASH", "role": "superadmin", "mounts": {}},
    "amy": {"username": "amy", "password": "HASH", "role": "admin", "mounts": {"/a": "HASH"}},
    "dan": {"username": "dan", "password": "HASH", "role": "dj", "mounts": {"/d": ""},
            "passkeys": [{"id": "1"}]},
    "eve": {"username": "eve", "password": "plain", "role": "dj"}},
    "api_tokens": [
    {"name": "ci", "username": "amy", "role": "admin", "expires_at": "2027-01-01",
     "token_hash": "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"name": "old", "username": "amy", "role": "admin", "token_hash": "x"}]})");
  const auto& users = result.config.users;
  EXPECT_THAT(users, SizeIs(4));
  EXPECT_EQ(users.at("root").role, config::Role::kConfigure);
  EXPECT_EQ(users.at("root").password, kHash);
  EXPECT_EQ(users.at("amy").role, config::Role::kOperate);
  EXPECT_THAT(users.at("amy").mounts, ElementsAre("/a"));
  EXPECT_EQ(users.at("dan").role, config::Role::kSource);
  EXPECT_THAT(users.at("dan").mounts, ElementsAre("/d"));
  EXPECT_EQ(users.at("amy-ci").role, config::Role::kOperate);
  EXPECT_EQ(users.at("amy-ci").token,
            "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  EXPECT_EQ(result.config.mounts.at("/a").source_password, kHash);
  EXPECT_THAT(result.AllLeftOut(),
              testing::UnorderedElementsAre("passkeys", "password", "token_hash"));
  EXPECT_THAT(result.Changed("expires_at"), SizeIs(1));
}

TEST(TinyIceJson, PlaysTheFoldersOfItsAutoDjs) {
  const std::string text = R"({"autodjs": [
    {"name": "Night", "mount": "/night", "music_dir": "/srv/music", "format": "mp3",
     "bitrate": 128, "enabled": true, "loop": true, "visible": false, "mpd_enabled": true,
     "playlist": []},
    {"name": "Off", "mount": "/off", "music_dir": "/srv/music", "enabled": false}]})";
  const Result result = TinyIce(text, {{"/srv/music", ""}});
  EXPECT_EQ(result.config.mounts.at("/night").file, "/srv/music");
  EXPECT_TRUE(result.config.mounts.at("/night").hidden);
  EXPECT_THAT(result.Changed("music_dir"), SizeIs(1));
  EXPECT_THAT(result.AllLeftOut(), ElementsAre("mpd_enabled", "enabled"));
  EXPECT_THAT(TinyIce(text).LeftOut("music_dir"), SizeIs(1));
}

TEST(TinyIceJson, GivesWebhooksWithTheEventsThatFloeHas) {
  const Result result = TinyIce(R"({"webhooks": [
    {"id": "wh_1", "name": "chat", "url": "http://chat.example/x", "enabled": true,
     "events": ["source_connect", "now_playing", "user_login"], "method": "PUT",
     "headers": {"X-Token": "secret-header"}},
    {"id": "wh_2", "url": "http://all.example/", "events": [], "enabled": true},
    {"id": "wh_3", "url": "http://off.example/", "enabled": false}]})");
  EXPECT_THAT(result.config.webhooks, SizeIs(2));
  EXPECT_EQ(result.config.webhooks.at("chat").url, "http://chat.example/x");
  EXPECT_THAT(result.config.webhooks.at("chat").events, ElementsAre("source_up", "title"));
  EXPECT_THAT(result.config.webhooks.at("wh_2").events, IsEmpty());
  EXPECT_THAT(result.AllLeftOut(),
              testing::UnorderedElementsAre("events", "method", "headers", "enabled"));
  for (const Note& note : result.imported.notes) {
    EXPECT_THAT(note.why, testing::Not(HasSubstr("secret-header")));
  }
}

TEST(TinyIceJson, SaysWhatFloeHasNot) {
  const Result result = TinyIce(R"({"use_https": true, "https_port": "443",
    "directory_listing": true, "low_latency_mode": true, "page_title": "My Radio",
    "transcoders": [{"name": "hi", "input_mount": "/a", "output_mount": "/b", "enabled": true},
                    {"name": "off", "enabled": false}],
    "ingest": {"rtmp_enabled": true, "srt_enabled": false}, "multi_tenant": {"enabled": false},
    "whitelisted_ips": ["10.0.0.1"], "audit_enabled": false, "unknown_key": 1})");
  EXPECT_THAT(result.AllLeftOut(),
              testing::UnorderedElementsAre("use_https", "directory_listing", "low_latency_mode",
                                            "page_title", "hi", "rtmp_enabled", "whitelisted_ips",
                                            "unknown_key"));
}

}  // namespace
}  // namespace floe::importer
