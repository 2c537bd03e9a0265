// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ConfigEnvironment, EveryTableIsReached) {
  const Config config = Loaded({.environment = {{"FLOE_SERVER_HOSTNAME", "radio.example.com"},
                                                {"FLOE_LIMITS_ARENA", "512MiB"},
                                                {"FLOE_LIMITS_CLIENT_TIMEOUT", "45s"},
                                                {"FLOE_FANOUT_INTERVAL", "100ms"},
                                                {"FLOE_FANOUT_INTERVAL_MIN", "10ms"},
                                                {"FLOE_AUTH_SOURCE_PASSWORD", "hackme"},
                                                {"FLOE_LOG_FORMAT", "json"},
                                                {"FLOE_MOUNT_DEFAULTS_TAKEOVER", "true"},
                                                {"FLOE_MOUNT_DEFAULTS_METAINT", "8192"}}});
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.limits.arena_bytes, uint64_t{512} << 20);
  EXPECT_EQ(config.limits.client_timeout, 45s);
  EXPECT_EQ(config.fanout.interval, 100ms);
  EXPECT_EQ(config.fanout.interval_min, 10ms);
  EXPECT_EQ(config.auth.source_password, "hackme");
  EXPECT_EQ(config.log.format, LogFormat::kJson);
  EXPECT_TRUE(config.mount_defaults.takeover);
  EXPECT_EQ(config.mount_defaults.metaint, 8192u);
}

TEST(ConfigEnvironment, ListsAreSeparatedByCommas) {
  const Config config = Loaded({.file = "[[listen]]\naddress = \"127.0.0.1:1\"\n",
                                .environment = {{"FLOE_LISTEN", "0.0.0.0:8000, [::]:8000"},
                                                {"FLOE_MOUNT_DEFAULTS_CORS_ORIGINS",
                                                 "https://a.example,https://b.example"}}});
  ASSERT_EQ(config.listen.size(), 2u) << "the file's list is replaced";
  EXPECT_EQ(config.listen[0].address, "0.0.0.0:8000");
  EXPECT_EQ(config.listen[1].address, "[::]:8000");
  EXPECT_THAT(config.mount_defaults.cors_origins,
              ElementsAre("https://a.example", "https://b.example"));
}

TEST(ConfigEnvironment, IsStrongerThanTheFileAndWeakerThanTheCommandLine) {
  const Said said = {.file = "limits.sources = 1\nlimits.listeners = 1\nserver.shards = 1\n",
                     .environment = {{"FLOE_LIMITS_SOURCES", "2"}, {"FLOE_LIMITS_LISTENERS", "2"}},
                     .sets = {"limits.sources=3"}};
  EXPECT_EQ(Loaded(said).server.shards, 1u);
  EXPECT_EQ(Loaded(said).limits.listeners, 2u);
  EXPECT_EQ(Loaded(said).limits.sources, 3u);
}

TEST(ConfigEnvironment, AMountsOwnKeyIsStrongerThanTheDefaultsFromAnywhere) {
  const Config config = Loaded({.file = "[mount.\"/live\"]\nburst = \"1s\"\n[mount.\"/b\"]\n",
                                .environment = {{"FLOE_MOUNT_DEFAULTS_BURST", "2s"}},
                                .sets = {"mount_defaults.burst=3s"}});
  EXPECT_EQ(config.mounts.at("/live").burst, 1s);
  EXPECT_EQ(config.mounts.at("/b").burst, 3s);
}

TEST(ConfigEnvironment, AWrongValueIsToldByItsVariable) {
  EXPECT_EQ(Refusal({.environment = {{"FLOE_LIMITS_HEADER_TIMEOUT", "15"}}}),
            "FLOE_LIMITS_HEADER_TIMEOUT: limits.header_timeout = \"15\": has no unit; expected a "
            "time such as \"1500ms\", \"30s\" or \"2m\", from 100ms to 1h; did you mean 15s?");
  EXPECT_THAT(Refusal({.environment = {{"FLOE_SERVER_HOSTNAME", "\xff"}}}), HasSubstr("UTF-8"));
  EXPECT_THAT(Refusal({.environment = {{"FLOE_LISTEN", "8000"}}}),
              HasSubstr("did you mean 0.0.0.0:8000?"));
  EXPECT_THAT(Refusal({.environment = {{"FLOE_LISTEN", " , "}}}), HasSubstr("names no address"));
  EXPECT_THAT(Refusal({.environment = {{"FLOE_MOUNT_DEFAULTS_HIDDEN", "1"}}}),
              HasSubstr("did you mean true?"));
}

TEST(ConfigEnvironment, AVariableThatIsNoKeyIsToldWithTheOneThatWasMeant) {
  EXPECT_EQ(Refusal({.environment = {{"FLOE_ADMIN_PASSWORD", "hackme"}}}),
            "FLOE_ADMIN_PASSWORD: no key is called by this variable and no password is "
            "\"env:FLOE_ADMIN_PASSWORD\"; did you mean FLOE_AUTH_ADMIN_PASSWORD?");
  const auto meant = [](const std::string& variable) {
    return Refusal({.environment = {{variable, "1"}}});
  };
  EXPECT_THAT(meant("FLOE_LIMIT_SOURCES"), HasSubstr("did you mean FLOE_LIMITS_SOURCES?"));
  EXPECT_THAT(meant("FLOE_ARENA"), HasSubstr("did you mean FLOE_LIMITS_ARENA?"));
  EXPECT_THAT(meant("FLOE_MOUNT_BURST"), HasSubstr("did you mean FLOE_MOUNT_DEFAULTS_BURST?"));
  EXPECT_THAT(meant("FLOE_LISTEN_ADDRESS"), HasSubstr("did you mean FLOE_LISTEN?"));
  EXPECT_THAT(meant("FLOE_LIMITS_ARENNA"), HasSubstr("did you mean FLOE_LIMITS_ARENA?"));
}

TEST(ConfigEnvironment, AVariableThatAPasswordNamesIsNoMistake) {
  const Environment environment = {{"FLOE_SOURCE_PASSWORD", "hackme"}};
  Loaded({"auth.source_password = \"env:FLOE_SOURCE_PASSWORD\"", environment});
  Loaded({.environment = environment,
          .sets = {"mount./live.source_password=env:FLOE_SOURCE_PASSWORD"}});
  // Overridden, it is still named.
  Loaded({"auth.source_password = \"env:FLOE_SOURCE_PASSWORD\"",
          environment,
          {"auth.source_password=other"}});
}

TEST(ConfigEnvironment, ThePasswordOfTheEncoderToolIsWarnedOfWhenTheServerDoesNotUseIt) {
  const Environment environment = {{"FLOE_SOURCE_PASSWORD", "hackme"}};
  std::vector<std::string> warnings;
  ASSERT_TRUE(TryLoad({.environment = environment}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre("FLOE_SOURCE_PASSWORD: no key is called by this variable and "
                                    "no password is \"env:FLOE_SOURCE_PASSWORD\"; did you mean "
                                    "FLOE_AUTH_SOURCE_PASSWORD?"));
  warnings.clear();
  ASSERT_TRUE(
      TryLoad({"auth.source_password = \"env:FLOE_SOURCE_PASSWORD\"", environment}, &warnings)
          .ok());
  EXPECT_THAT(warnings, ElementsAre());
}

TEST(ConfigEnvironment, WhatOthersPutThereIsLeftInPeace) {
  Loaded({.environment = {{"PATH", "/bin"},
                          {"floe_limits_sources", "0"},
                          {"FLOEXYZ", "1"},
                          {"FLOE_TEST_SEED", "7"},
                          {"FLOE_SERVICE_HOST", "10.0.0.1"},
                          {"FLOE_SERVICE_PORT", "8000"},
                          {"FLOE_SERVICE_PORT_HTTP", "8000"},
                          {"FLOE_PORT", "tcp://10.0.0.1:8000"},
                          {"FLOE_PORT_8000_TCP", "tcp://10.0.0.1:8000"},
                          {"FLOE_PORT_8000_TCP_ADDR", "10.0.0.1"},
                          {"FLOE_ADMIN_PORT_80_TCP_PROTO", "tcp"}}});
  EXPECT_THAT(Refusal({.environment = {{"FLOE_PORT", "8000"}}}), HasSubstr("no key is called"));
}

TEST(ConfigEnvironment, AnEnvironIsTakenApartAtItsFirstEqualsSign) {
  const char* const entries[] = {"A=1", "B=x=y", "C=", "broken", nullptr};
  EXPECT_THAT(EnvironmentFrom(entries),
              ElementsAre(Pair("A", "1"), Pair("B", "x=y"), Pair("C", "")));
  EXPECT_THAT(EnvironmentFrom(nullptr), ElementsAre());
}

}  // namespace
}  // namespace floe::config
