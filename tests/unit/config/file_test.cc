// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What an operator writes into the file, and what is answered to it.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "config/bounds.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ConfigFile, AnEmptyFileIsTheDefaults) {
  const Config config = Loaded({""});
  EXPECT_EQ(config.server.hostname, "localhost");
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].address, "0.0.0.0:8000");
  EXPECT_EQ(config.limits.arena_bytes, uint64_t{256} << 20);
  EXPECT_EQ(config.fanout.interval, std::nullopt);
  EXPECT_EQ(config.mount_defaults.burst, 4s);
  EXPECT_TRUE(config.mounts.empty());
}

TEST(ConfigFile, EveryKindOfValueIsRead) {
  const Config config = Loaded({R"(
    [server]
    hostname = "radio.example.com"
    shards = 4
    [[listen]]
    address = "127.0.0.1:8000"
    [[listen]]
    address = "[::1]:8000"
    [limits]
    header_timeout = "1500ms"
    arena = "1GiB"
    [fanout]
    interval = "250ms"
    zero_copy = "off"
    send_buffer = "100kB"
    [auth]
    source_password = "hackme"
    [log]
    level = "warn"
    format = "json"
    access_file = ""
    [mount_defaults]
    lagging = "drop"
    metaint = 0
    takeover = true
    cors_origins = ["https://a.example", "http://b.example:8080"]
  )"});
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.server.shards, 4u);
  ASSERT_EQ(config.listen.size(), 2u);
  EXPECT_EQ(config.listen[1].address, "[::1]:8000");
  EXPECT_EQ(config.limits.header_timeout, 1500ms);
  EXPECT_EQ(config.limits.arena_bytes, uint64_t{1} << 30);
  EXPECT_EQ(config.fanout.interval, 250ms);
  EXPECT_EQ(config.fanout.zero_copy, Fanout::ZeroCopy::kOff);
  EXPECT_EQ(config.fanout.send_buffer_bytes, 100'000u);
  EXPECT_EQ(config.auth.source_password, "hackme");
  EXPECT_EQ(config.log.level, LogLevel::kWarn);
  EXPECT_EQ(config.log.format, LogFormat::kJson);
  EXPECT_EQ(config.log.access_file, "");
  EXPECT_EQ(config.mount_defaults.lagging, Lagging::kDrop);
  EXPECT_EQ(config.mount_defaults.metaint, 0u);
  EXPECT_TRUE(config.mount_defaults.takeover);
  EXPECT_THAT(config.mount_defaults.cors_origins,
              ElementsAre("https://a.example", "http://b.example:8080"));
}

TEST(ConfigFile, AMountInheritsTheDefaultsWhicheverTableComesFirst) {
  const Config config = Loaded({R"(
    [mount."/early"]
    takeover = true
    [mount_defaults]
    burst = "7s"
    linger = "1m"
    [mount."/late"]
    burst = "2s"
    [mount."/bare"]
  )"});
  ASSERT_EQ(config.mounts.size(), 3u);
  EXPECT_EQ(config.mounts.at("/early").burst, 7s);
  EXPECT_TRUE(config.mounts.at("/early").takeover);
  EXPECT_EQ(config.mounts.at("/late").burst, 2s);
  EXPECT_EQ(config.mounts.at("/late").linger, 60s);
  EXPECT_FALSE(config.mounts.at("/late").takeover);
  EXPECT_EQ(config.mounts.at("/bare").burst, 7s);
  EXPECT_EQ(config.MountSettings("/named by a source alone").burst, 7s);
}

TEST(ConfigFile, AnUnknownKeyIsToldWithItsPlaceAndWhatWasMeant) {
  EXPECT_EQ(Refusal({"[limits]\narena = \"1GiB\"\n  soruces = 3\n"}),
            "floe.toml:3:3: unknown key \"soruces\" in [limits]; did you mean \"sources\"?");
  EXPECT_EQ(Refusal({"[mount.\"/live\"]\nbrust = \"1s\"\n"}),
            "floe.toml:2:1: unknown key \"brust\" in [mount.\"/live\"]; did you mean \"burst\"?");
  EXPECT_EQ(Refusal({"[[listen]]\naddress = \"0.0.0.0:8000\"\nadress = \"[::]:8000\"\n"}),
            "floe.toml:3:1: unknown key \"adress\" in [[listen]]; did you mean \"address\"?");
}

TEST(ConfigFile, AKeyInTheWrongTableIsToldWhereItBelongs) {
  EXPECT_THAT(Refusal({"[server]\narena = \"1GiB\""}), HasSubstr("did you mean \"limits.arena\"?"));
  EXPECT_THAT(Refusal({"hostname = \"x\""}), HasSubstr("did you mean \"server.hostname\"?"));
  EXPECT_THAT(Refusal({"[mount.\"/live\"]\nsource_timeout = \"9s\""}),
              HasSubstr("did you mean \"limits.source_timeout\"?"));
  EXPECT_THAT(Refusal({"[mount]\nburst = \"9s\""}),
              HasSubstr("did you mean mount_defaults.burst?"));
}

TEST(ConfigFile, AnUnknownTableIsToldWithWhatWasMeant) {
  EXPECT_EQ(Refusal({"[limit]\n"}),
            "floe.toml:1:2: unknown table \"limit\"; did you mean \"limits\"?");
  EXPECT_EQ(Refusal({"[fan-out]\n"}),
            "floe.toml:1:2: unknown table \"fan-out\"; did you mean \"fanout\"?");
  EXPECT_EQ(Refusal({"[zebra]\nx = 1\n"}), "floe.toml:1:2: unknown table \"zebra\"");
}

TEST(ConfigFile, AWrongTypeIsToldWithWhatWasExpectedAndMeant) {
  EXPECT_EQ(Refusal({"[limits]\nsources = \"64\""}),
            "floe.toml:2:11: limits.sources = \"64\": is text; expected a whole number from 1 to "
            "4096; did you mean 64?");
  EXPECT_EQ(Refusal({"[limits]\nheader_timeout = 15"}),
            "floe.toml:2:18: limits.header_timeout = 15: has no unit; expected a time such as "
            "\"1500ms\", \"30s\" or \"2m\", from 100ms to 1h; did you mean \"15s\"?");
  EXPECT_EQ(Refusal({"[limits]\narena = 268435456"}),
            "floe.toml:2:9: limits.arena = 268435456: has no unit; expected a size such as "
            "\"64KiB\" or \"256MiB\", from 4MiB to 1TiB; did you mean \"256MiB\"?");
  EXPECT_EQ(Refusal({"[fanout]\nzero_copy = true"}),
            "floe.toml:2:13: fanout.zero_copy = true: expected \"auto\" or \"on\" or \"off\"; did "
            "you mean \"on\"?");
  EXPECT_EQ(Refusal({"[mount_defaults]\ntakeover = \"yes\""}),
            "floe.toml:2:12: mount_defaults.takeover = \"yes\": expected true or false; did you "
            "mean true?");
  EXPECT_EQ(
      Refusal({"[mount.\"/live\"]\nlagging = \"Skip\""}),
      "floe.toml:2:11: mount.\"/live\".lagging = \"Skip\": expected \"skip\" or \"drop\"; did "
      "you mean \"skip\"?");
  EXPECT_THAT(Refusal({"[server]\nhostname = 5"}), HasSubstr("did you mean \"5\"?"));
  EXPECT_THAT(Refusal({"[log]\nlevel = \"warning\""}), HasSubstr("did you mean \"warn\"?"));
  EXPECT_THAT(Refusal({"[fanout]\ninterval = \"Auto\""}), HasSubstr("did you mean \"auto\"?"));
  EXPECT_THAT(Refusal({"[mount_defaults]\ncors_origins = \"*\""}),
              HasSubstr("did you mean [\"*\"]?"));
}

TEST(ConfigFile, NoKindOfValueIsTakenForAnother) {
  for (const absl::string_view value :
       {"1.5", "1979-05-27", "07:32:00", "[]", "[1]", "{}", "{a = 1}", "-1", "inf"}) {
    for (const absl::string_view key :
         {"server.hostname", "server.shards", "limits.arena", "limits.header_timeout",
          "fanout.interval", "fanout.zero_copy", "auth.source_password", "mount_defaults.hidden"}) {
      const std::string line = std::string(key) + " = " + std::string(value);
      EXPECT_THAT(Refusal({line}), AllOf(StartsWith("floe.toml:1:"), HasSubstr("expected")))
          << line;
    }
  }
}

TEST(ConfigFile, ATableThatIsNoneIsTold) {
  EXPECT_THAT(Refusal({"limits = 5"}), HasSubstr("\"limits\" is a table; expected [limits]"));
  EXPECT_THAT(Refusal({"mount = \"/live\""}), HasSubstr("expected [mount.\"/name\"]"));
  EXPECT_THAT(Refusal({"listen = \"0.0.0.0:8000\""}), HasSubstr("expected [[listen]]"));
  EXPECT_THAT(Refusal({"[listen]\naddress = \"0.0.0.0:8000\""}), HasSubstr("expected [[listen]]"));
  EXPECT_THAT(Refusal({"listen = [\"0.0.0.0:8000\"]"}), HasSubstr("expected [[listen]]"));
  EXPECT_THAT(Refusal({"listen = []"}), HasSubstr("names no address"));
  EXPECT_THAT(Refusal({"[[listen]]"}), HasSubstr("has no address"));
}

TEST(ConfigFile, ValuesOutsideTheirBoundsAreRefused) {
  for (const absl::string_view line :
       {"server.shards = 65", "server.shards = -1", "server.shards = 4294967297",
        "limits.sources = 0", "limits.sources = 4097", "limits.arena = \"4095KiB\"",
        "limits.arena = \"2TiB\"", "limits.header_timeout = \"0s\"",
        "limits.source_timeout = \"2h\"", "limits.client_timeout = \"99ms\"",
        "fanout.interval = \"0ms\"", "fanout.interval = \"11s\"", "fanout.send_buffer = \"1KiB\"",
        "mount_defaults.metaint = 255", "mount_defaults.metaint = 1048577",
        "mount_defaults.burst = \"3m\"", "mount_defaults.history = \"2h\"",
        "mount_defaults.linger = \"25h\""}) {
    EXPECT_THAT(Refusal({std::string(line)}), HasSubstr("; expected ")) << line;
  }
  EXPECT_EQ(Loaded({"server.shards = 64"}).server.shards, 64u);
  EXPECT_EQ(Loaded({"mount_defaults.metaint = 256"}).mount_defaults.metaint, 256u);
  EXPECT_EQ(Loaded({"mount_defaults.metaint = 1048576"}).mount_defaults.metaint, 1048576u);
  EXPECT_EQ(Loaded({"mount_defaults.linger = \"0s\""}).mount_defaults.linger, 0s);
  EXPECT_EQ(Loaded({"limits.arena = \"4MiB\""}).limits.arena_bytes, kArenaBytesMin);
}

TEST(ConfigFile, TextThatCouldNotStandInAHeaderIsRefused) {
  EXPECT_THAT(Refusal({"mount_defaults.stream_name = \"a\\r\\nSet-Cookie: b\""}),
              AllOf(HasSubstr("control character"), Not(HasSubstr("\r"))));
  EXPECT_THAT(Refusal({"server.hostname = \"http://radio.example.com:8000/\""}),
              HasSubstr("did you mean \"radio.example.com\"?"));
  EXPECT_THAT(Refusal({"server.hostname = \"\""}), HasSubstr("is empty"));
  EXPECT_THAT(Refusal({"auth.admin_user = \"a:b\""}), HasSubstr("':'"));
  EXPECT_THAT(Refusal({"server.location = \"" + std::string(kTextBytesMax + 1, 'x') + "\""}),
              HasSubstr("xxx...\": is too long"));
  EXPECT_EQ(Loaded({"server.hostname = \"[2001:db8::1]\""}).server.hostname, "[2001:db8::1]");
  EXPECT_EQ(Loaded({"server.location = \"K\\u00f6ln\""}).server.location, "K\xc3\xb6ln");
}

TEST(ConfigFile, ACharsetIsOneThatCanBeConverted) {
  EXPECT_EQ(Loaded({"mount_defaults.charset = \"ISO-8859-1\""}).mount_defaults.charset,
            "ISO-8859-1");
  EXPECT_THAT(Refusal({"mount_defaults.charset = \"klingon\""}), HasSubstr("iconv does not know"));
  EXPECT_THAT(Refusal({"mount_defaults.charset = \"../../x//IGNORE\""}),
              HasSubstr("not the name of a charset"));
}

TEST(ConfigFile, AMountNameThatCannotBeIsToldWithItsPlace) {
  EXPECT_EQ(Refusal({"[mount.live]\nburst = \"1s\""}),
            "floe.toml:1:8: mount.\"live\": a mount name begins with '/'; did you mean "
            "[mount.\"/live\"]?");
  EXPECT_THAT(Refusal({"[mount.\"/a/../b\"]"}), HasSubstr("does not contain \"..\""));
  EXPECT_THAT(Refusal({"[mount.\"/a\\u0000\"]"}), HasSubstr("control"));
  EXPECT_THAT(Refusal({"[mount.\"/" + std::string(kMountNameBytesMax, 'x') + "\"]"}),
              HasSubstr("at most 255 bytes"));
  EXPECT_THAT(Refusal({"server.shoutcast_mount = \"stream\""}),
              HasSubstr("did you mean \"/stream\"?"));
}

TEST(ConfigFile, AnOriginIsASchemeAndAHost) {
  EXPECT_THAT(Loaded({"mount_defaults.cors_origins = []"}).mount_defaults.cors_origins,
              ElementsAre());
  EXPECT_THAT(Refusal({"mount_defaults.cors_origins = [\n  \"*.example\"\n]"}),
              AllOf(StartsWith("floe.toml:2:3: "), HasSubstr("= \"*.example\": is not an origin")));
  EXPECT_THAT(Refusal({"mount_defaults.cors_origins = [\"https://a.example/\"]"}),
              HasSubstr("is not an origin"));
  EXPECT_THAT(Refusal({"mount_defaults.cors_origins = [\"*\", \"https://a.example\"]"}),
              HasSubstr("others beside it"));
}

TEST(ConfigFile, AllThatIsWrongIsToldAtOnceInTheOrderOfTheLines) {
  EXPECT_EQ(
      Refusal({"[server]\nshards = 99\n[limits]\nsources = 0\nwhat = 1\n"
               "[fanout]\nzero_copy = \"of\"\n"}),
      "floe.toml:2:10: server.shards = 99: is too large; expected a whole number from 0 to "
      "64\n"
      "floe.toml:4:11: limits.sources = 0: is too small; expected a whole number from 1 to "
      "4096\n"
      "floe.toml:5:1: unknown key \"what\" in [limits]\n"
      "floe.toml:7:13: fanout.zero_copy = \"of\": expected \"auto\" or \"on\" or \"off\"; did "
      "you mean \"off\"?");
}

TEST(ConfigFile, NoMoreIsToldThanCanBeRead) {
  std::string text = "[limits]\n";
  for (int i = 0; i < 10'000; ++i) text += "x" + std::to_string(i) + " = 1\n";
  const std::string refusal = Refusal({text});
  EXPECT_EQ(std::count(refusal.begin(), refusal.end(), '\n'), kProblemsMax);
  EXPECT_THAT(refusal, AllOf(StartsWith("floe.toml:2:1:"), HasSubstr("\nand more")));
}

TEST(ConfigFile, AFileThatIsNotThereIsAnErrorThatNamesIt) {
  const absl::Status status = Load({"/nowhere/floe.toml"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"/nowhere/floe.toml\""));
  EXPECT_THAT(std::string(Load({"/"}).status().message()), HasSubstr("not a regular file"));
}

// A file on disk, gone with the test.
class FileOnDisk {
 public:
  explicit FileOnDisk(absl::string_view text)
      : path_(std::filesystem::temp_directory_path() /
              ("floe-config-" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~FileOnDisk() { std::filesystem::remove(path_); }
  void Mode(unsigned mode) { std::filesystem::permissions(path_, std::filesystem::perms(mode)); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(ConfigFile, AFileOnDiskIsReadAndCalledByItsPath) {
  const FileOnDisk right("[server]\nshards = 3");
  const absl::StatusOr<Config> config = Load({right.path()});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server.shards, 3u);
}

TEST(ConfigFile, AMistakeInAFileOnDiskIsToldByItsPath) {
  const FileOnDisk wrong("[server]\nshards = 99");
  EXPECT_THAT(std::string(Load({wrong.path()}).status().message()),
              StartsWith(wrong.path() + ":2:10: server.shards = 99"));
}

TEST(ConfigFile, AFileThatIsTooLargeIsNotRead) {
  const FileOnDisk huge(std::string(kConfigBytesMax + 1, '#'));
  EXPECT_THAT(std::string(Load({huge.path()}).status().message()),
              HasSubstr("larger than 1048576 bytes"));
}

TEST(ConfigFile, AFileWithAPasswordThatEverybodyMayReadIsWarnedOf) {
  FileOnDisk file("[auth]\nsource_password = \"hackme\"");
  file.Mode(0644);
  std::vector<std::string> warnings;
  ASSERT_TRUE(Load({file.path()}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("holds a password"), HasSubstr(file.path()),
                                          Not(HasSubstr("hackme")))));
  warnings.clear();
  file.Mode(0640);
  ASSERT_TRUE(Load({file.path()}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre());
}

}  // namespace
}  // namespace floe::config
