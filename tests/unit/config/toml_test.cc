// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Text that is not TOML, or more of it than there should be.
#include <string>
#include <vector>

#include "config/bounds.h"
#include "config/toml_shape.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Repeated(absl::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated.append(text.data(), text.size());
  return repeated;
}

TEST(Toml, WhatIsNotTomlIsToldWithItsPlace) {
  EXPECT_THAT(Refusal({"[server]\nhostname = radio"}), StartsWith("floe.toml:2:"));
  EXPECT_THAT(Refusal({"[server\n"}), StartsWith("floe.toml:1:8: is not TOML"));
  EXPECT_THAT(Refusal({"[/live]"}),
              AllOf(StartsWith("floe.toml:1:2: is not TOML"), HasSubstr("[mount.\"/live\"]")));
  EXPECT_THAT(Refusal({"[[=]]"}), StartsWith("floe.toml:1:3: is not TOML"));
  EXPECT_THAT(Refusal({"[limits]\narena = 256MiB"}),
              AllOf(StartsWith("floe.toml:2:"), HasSubstr("stands in quotes: burst = \"4s\"")));
  EXPECT_THAT(Refusal({"[server]\nshards = 1\nshards = 2"}),
              AllOf(StartsWith("floe.toml:3:"), HasSubstr("cannot redefine")));
  EXPECT_THAT(Refusal({"\xff\xfe"}), HasSubstr("floe.toml:"));
  EXPECT_THAT(Refusal({std::string("a = 1\0", 6)}), HasSubstr("floe.toml:1:"));
}

TEST(Toml, NothingOfAPasswordIsRepeatedWhenItsLineIsNotToml) {
  for (const absl::string_view written : {"hunter2",
                                          "\"hunter2",
                                          "'hunter2",
                                          "\"\"\"hunter2",
                                          "truehunter2",
                                          "falsehunter2",
                                          "infhunter2",
                                          "nanhunter2",
                                          "\"hun\\qter2\"",
                                          "\"hunter2\" hunter2",
                                          "123hunter2",
                                          "0xhunter2",
                                          "0o9hunter2",
                                          "1979-hunter2",
                                          "1979-05-27Thunter2",
                                          "{hunter2",
                                          "[hunter2",
                                          "_hunter2",
                                          "-hunter2",
                                          "\"\\uZhunter2\"",
                                          "9999999999999999999999999991",
                                          "1e99999991",
                                          "hunter2\rhunter2"}) {
    const std::string refusal = Refusal({"auth.source_password = " + std::string(written)});
    for (const absl::string_view piece : {"hunt", "ter2", "9999", "1979", "\\q"}) {
      EXPECT_THAT(refusal, AllOf(StartsWith("floe.toml:"), Not(HasSubstr(std::string(piece)))))
          << written;
    }
  }
}

TEST(Toml, AMistakeOfTheLanguageHidesNoMistakeOfTheCommandLine) {
  EXPECT_THAT(Refusal({.file = "[server", .sets = {"limits.sources=0"}}),
              AllOf(HasSubstr("floe.toml:1:8"), HasSubstr("--set: limits.sources")));
}

TEST(Toml, NestingIsBoundedHoweverItIsWritten) {
  const int kMany = 50'000;
  EXPECT_THAT(Refusal({Repeated("a.", kMany) + "a = 1"}), HasSubstr("too many parts"));
  EXPECT_THAT(Refusal({"[" + Repeated("a.", kMany) + "a]"}), HasSubstr("too many parts"));
  EXPECT_THAT(Refusal({"x = " + Repeated("{a.a.a.a = ", kMany)}), StartsWith("floe.toml:1:"));
  EXPECT_THAT(Refusal({"x = " + Repeated("[", kMany)}), StartsWith("floe.toml:1:"));
  EXPECT_THAT(Refusal({"x = " + Repeated("[", kMany) + Repeated("]", kMany)}),
              StartsWith("floe.toml:1:"));
  EXPECT_THAT(Refusal({Repeated("\n", 41) + "   " + Repeated("'a' . ", 20) + "a = 1"}),
              StartsWith("floe.toml:42:"));
}

TEST(Toml, ATextThatIsTooLongIsNotRead) {
  EXPECT_TRUE(TryLoad({std::string(kConfigBytesMax, '#')}).ok());
  EXPECT_THAT(Refusal({std::string(kConfigBytesMax + 1, '#')}), HasSubstr("is larger than"));
}

TEST(Toml, DotsInStringsAndCommentsJoinNoKeys) {
  const std::string dots(100, '.');
  for (const std::string& text : std::vector<std::string>{
           "# " + dots + "\n", "a = \"" + dots + "\"", "a = '" + dots + "'",
           "a = \"\"\"\n" + dots + "\n" + dots + "\"\"\"", "a = '''" + dots + "'''",
           "a = \"\\\"" + dots + "\"", "a = \"\"\"\"\"" + dots + "\"\"\"\"\" # " + dots,
           "\"" + dots + "\".b = 1", "a = [1.5, 1.5, 1.5, 1.5]\nb = 1.5\n"}) {
    EXPECT_EQ(FindUnfit(text, 3), std::nullopt) << text;
  }
}

TEST(Toml, CharactersBeyondAsciiStandInQuotesAndComments) {
  EXPECT_EQ(Loaded({"\xef\xbb\xbf# K\xc3\xb6ln\nserver.location = \"K\xc3\xb6ln\" # \xc3\xb6"})
                .server.location,
            "K\xc3\xb6ln");
  EXPECT_EQ(Loaded({"server.location = \"\"\"\\\n  K\xc3\xb6ln\"\"\""}).server.location,
            "K\xc3\xb6ln");
  EXPECT_EQ(Loaded({"server.location = '\\\xc3\xb6'"}).server.location, "\\\xc3\xb6");
}

TEST(Toml, CharactersBeyondAsciiElsewhereAreRefusedBeforeTheyAreParsed) {
  EXPECT_EQ(Refusal({"# K\xc3\xb6ln\nK\xc3\xb6ln = 1"}),
            "floe.toml:2:2: is not read: a character that is not ASCII stands outside of quotes");
  EXPECT_THAT(Refusal({"a\xcf\x91 = 1"}), HasSubstr("floe.toml:1:2: is not read"));
  EXPECT_THAT(Refusal({"a\xc2\xa0= 1"}), HasSubstr("floe.toml:1:2: is not read"));
  EXPECT_THAT(Refusal({"server.location = \"\"\"\\\n  \xc2\xa7\"\"\""}),
              HasSubstr("floe.toml:2:3: is not read: a character that is not ASCII follows a "
                        "backslash"));
  EXPECT_THAT(Refusal({"server.location = \"\"\"\\\xc2\xa7\"\"\""}),
              HasSubstr("follows a backslash"));
}

TEST(Toml, AKeyOfManyPartsIsFoundBehindStringsAndComments) {
  for (const absl::string_view before :
       {"", "# it's\n", "a = \"#\"\n", "a = '\\'\n", "a = \"\\\\\"\n", "a = \"\"\"x\"\"\"\"\"\n",
        "a = ''''x'''''\n", "a = \"\"\n", "a = \"unclosed\n", "x = {b = ", "x = [\n"}) {
    const std::string text = std::string(before) + "a.b . c.d";
    EXPECT_TRUE(FindUnfit(text, 3).has_value()) << text;
    EXPECT_FALSE(FindUnfit(text, 4).has_value()) << text;
  }
}

}  // namespace
}  // namespace floe::config
