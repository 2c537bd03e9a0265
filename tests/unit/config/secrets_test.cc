// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
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

constexpr absl::string_view kBcrypt =
    "$2b$05$abcdefghijklmnopqrstuuJ0b5yG6BRYVXyCqE9jmXIDpBa0WHdbW";
constexpr absl::string_view kYescrypt =
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7";

std::string Password(absl::string_view written) {
  return "auth.source_password = '" + std::string(written) + "'\n";
}

// A folder of password files, gone with the test.
class Secrets : public ::testing::Test {
 protected:
  Secrets() {
    std::string pattern = std::filesystem::temp_directory_path() / "floe-secrets-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Secrets() override { std::filesystem::remove_all(folder_); }

  std::string FileOf(absl::string_view text, mode_t mode = 0600) {
    const std::filesystem::path path = folder_ / "password";
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path.string();
  }
  std::string folder() const { return folder_.string(); }

 private:
  std::filesystem::path folder_;
};

TEST_F(Secrets, AreWrittenPlainOrAsAHash) {
  EXPECT_EQ(Loaded({Password("hackme: \"1\"")}).auth.source_password, "hackme: \"1\"");
  EXPECT_EQ(Loaded({Password(kBcrypt)}).auth.source_password, kBcrypt);
  EXPECT_EQ(Loaded({Password(kYescrypt)}).auth.source_password, kYescrypt);
  EXPECT_EQ(Loaded({Password("")}).auth.source_password, "");
}

TEST_F(Secrets, AHashThatCouldMatchNothingIsRefusedAndNotShown) {
  for (const absl::string_view hash :
       {"$2b$12$", "$2b$05$abcdefghijklmnopqrst", "$nosuch$abc", "$", "$hackme"}) {
    EXPECT_THAT(Refusal({Password(hash)}),
                AllOf(HasSubstr("floe.toml:1:24: auth.source_password: begins with '$'"),
                      Not(HasSubstr("abc")), Not(HasSubstr("hackme"))));
  }
}

TEST_F(Secrets, ComeFromTheEnvironment) {
  const Config config = Loaded(
      {Password("env:FLOE_SOURCE_PASSWORD") + "[mount.\"/live\"]\nsource_password = \"env:LIVE\"",
       {{"FLOE_SOURCE_PASSWORD", "hackme"}, {"LIVE", "file:/x"}}});
  EXPECT_EQ(config.auth.source_password, "hackme");
  EXPECT_EQ(config.mounts.at("/live").source_password, "file:/x") << "taken as it is";
}

TEST_F(Secrets, AVariableThatIsMissingIsNamed) {
  EXPECT_EQ(Refusal({Password("env:STATION_PASSWORD")}),
            "floe.toml:1:24: auth.source_password: names the environment variable "
            "STATION_PASSWORD, which is not set; expected a password, a crypt(3) hash, "
            "\"env:NAME\" or \"file:/path\"");
  EXPECT_THAT(Refusal({Password("env:P"), {{"P", ""}}}), HasSubstr("P, which is empty"));
  EXPECT_THAT(Refusal({Password("env:P"), {{"P", "hack\nme"}}}),
              AllOf(HasSubstr("control character"), Not(HasSubstr("hack"))));
  EXPECT_THAT(Refusal({Password("env:")}), HasSubstr("no name of a variable"));
  EXPECT_THAT(Refusal({Password("env:hunter 2")}), Not(HasSubstr("hunter")));
}

TEST_F(Secrets, ComeFromTheFirstLineOfAFile) {
  for (const absl::string_view text : {"hackme", "hackme\n", "hackme\r\n", "hackme\nsecond\n"}) {
    EXPECT_EQ(Loaded({Password("file:" + FileOf(text))}).auth.source_password, "hackme") << text;
  }
}

TEST_F(Secrets, AFileThatIsMissingOrEmptyIsNamed) {
  EXPECT_THAT(Refusal({Password("file:" + folder() + "/none")}),
              AllOf(HasSubstr(folder() + "/none"), HasSubstr("No such file")));
  EXPECT_THAT(Refusal({Password("file:" + FileOf(""))}), HasSubstr("has no first line"));
  EXPECT_THAT(Refusal({Password("file:" + FileOf("\nhackme"))}),
              AllOf(HasSubstr("has no first line"), Not(HasSubstr("hackme"))));
  EXPECT_THAT(Refusal({Password("file:" + folder())}), HasSubstr("not a regular file"));
  EXPECT_THAT(Refusal({Password("file:password")}), HasSubstr("does not begin with '/'"));
}

TEST_F(Secrets, AFileThatNobodyWritesIntoDoesNotHoldUpTheStart) {
  const std::string fifo = folder() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(Refusal({Password("file:" + fifo)}), HasSubstr("not a regular file"));
}

TEST_F(Secrets, AFileOfAnotherKindIsNoPassword) {
  EXPECT_THAT(Refusal({Password("file:" + FileOf(std::string(100'000, 'x')))}),
              AllOf(HasSubstr("more than 1024 bytes"), Not(HasSubstr("xxx"))));
  EXPECT_THAT(Refusal({Password("file:" + FileOf("\x7f"
                                                 "ELF\x02\x01"))}),
              AllOf(HasSubstr("control character"), Not(HasSubstr("ELF"))));
}

TEST_F(Secrets, AFileThatEverybodyMayReadIsWarnedOf) {
  std::vector<std::string> warnings;
  ASSERT_TRUE(TryLoad({Password("file:" + FileOf("hackme", 0644))}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("may be read by every user"),
                                          HasSubstr(folder()), Not(HasSubstr("hackme")))));
  warnings.clear();
  ASSERT_TRUE(TryLoad({Password("file:" + FileOf("hackme", 0640))}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre());
}

TEST_F(Secrets, OnlyTheStrongestSettingIsLookedFor) {
  const Config config =
      Loaded({.file = Password("env:NOT_SET"), .sets = {"auth.source_password=hackme"}});
  EXPECT_EQ(config.auth.source_password, "hackme");
}

TEST_F(Secrets, AMountInheritsTheDefaultsAndHasItsOwn) {
  const Config config = Loaded({R"(
    [mount."/a"]
    [mount."/b"]
    source_password = "own"
    [mount_defaults]
    source_password = "env:SHARED"
  )",
                                {{"SHARED", "shared"}}});
  EXPECT_EQ(config.mounts.at("/a").source_password, "shared");
  EXPECT_EQ(config.mounts.at("/b").source_password, "own");
  EXPECT_EQ(config.auth.source_password, "");
}

TEST_F(Secrets, AreNeverShownWhateverElseIsWrong) {
  const std::vector<Said> mistakes = {
      {"[auth]\nsource_pasword = \"hunter2\""},
      {"[auth.source_password]\nhunter = \"hunter2\""},
      {"[auth]\nsource_password = [\"hunter2\"]"},
      {"[auth]\nsource_password = \"hunter2\\u0000\""},
      {"auth = \"hunter2\""},
      {"source_password = \"hunter2\""},
      {"[mount.\"/live\"]\npassword = \"hunter2\""},
      {.sets = {"auth.source_pasword=hunter2"}},
      {.sets = {"mount./live.password=hunter2"}},
      {.sets = {"mount.live.source_password=hunter2"}},
      {.sets = {"auth.source_password:hunter2"}},
      {.sets = {"auth.source_password=hunter2\n"}},
      {.environment = {{"FLOE_ADMIN_PASSWORD", "hunter2"}}},
      {.environment = {{"FLOE_AUTH_SOURCE_PASSWORD", "hunter2\x01"}}},
  };
  for (const Said& said : mistakes) {
    EXPECT_THAT(Refusal(said), Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace floe::config
