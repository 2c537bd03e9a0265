// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/texts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "importer/bounds.h"

namespace floe::importer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Item Vibe(absl::string_view text) {
  absl::StatusOr<Item> item = ReadVibe(text);
  EXPECT_TRUE(item.ok()) << item.status();
  return item.ok() ? *std::move(item) : Item{};
}

std::string WhyNotVibe(absl::string_view text) {
  return std::string(ReadVibe(text).status().message());
}

std::vector<std::string> ScalarsOf(const Item& list) {
  std::vector<std::string> texts;
  for (const Item& item : list.items) texts.push_back(item.text);
  return texts;
}

// ---- VIBE ----

TEST(Vibe, IsTablesScalarsAndListsWithTheirLines) {
  const Item root = Vibe("server {\n  hostname radio.example\n  port 8000\n}\nips [ a b ]\n");
  const Item* server = root.Find("server");
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->TextAt("hostname"), "radio.example");
  EXPECT_EQ(server->TextAt("port"), "8000");
  EXPECT_EQ(server->Find("port")->line, 3u);
  EXPECT_THAT(ScalarsOf(*root.Find("ips")), testing::ElementsAre("a", "b"));
}

TEST(Vibe, HasSeveralStatementsOnALine) {
  const Item root = Vibe("east { host x  port 5432 } west{host y}");
  EXPECT_EQ(root.Find("east")->TextAt("port"), "5432");
  EXPECT_EQ(root.Find("west")->TextAt("host"), "y");
}

TEST(Vibe, HasCommentsAnywhereButInQuotes) {
  const Item root = Vibe("# first\na \"x # y\" # then\nb z#then\nc [ 1 # two\n 3 ]");
  EXPECT_EQ(root.TextAt("a"), "x # y");
  EXPECT_EQ(root.TextAt("b"), "z");
  EXPECT_THAT(ScalarsOf(*root.Find("c")), testing::ElementsAre("1", "3"));
}

TEST(Vibe, HasQuotedKeysAndEscapes) {
  const Item root = Vibe(R"("/live one" { name "a\"b\\c\td\u00e9\u20ac" })");
  EXPECT_EQ(root.Find("/live one")->TextAt("name"), "a\"b\\c\td\u00e9\u20ac");
}

TEST(Vibe, TakesTheLastOfTwo) { EXPECT_EQ(Vibe("a 1\na 2").TextAt("a"), "2"); }

TEST(Vibe, IsEmptyWhenNothingStandsThere) { EXPECT_THAT(Vibe("\r\n# x").members, IsEmpty()); }

TEST(Vibe, SaysWhereItIsWrongAndNothingOfWhatStandsThere) {
  EXPECT_THAT(WhyNotVibe("a {\n b 1\n"), HasSubstr("line 3: a '{' is not closed"));
  EXPECT_THAT(WhyNotVibe("a [\n 1"), HasSubstr("a '[' is not closed"));
  EXPECT_THAT(WhyNotVibe("a 1\n}"), HasSubstr("line 2: "));
  EXPECT_THAT(WhyNotVibe("a"), HasSubstr("has no value"));
  EXPECT_THAT(WhyNotVibe("a { b }"), HasSubstr("a value is expected"));
  EXPECT_THAT(WhyNotVibe("password \"secret\n"),
              AllOf(HasSubstr("not closed on its line"), Not(HasSubstr("secret"))));
  EXPECT_THAT(WhyNotVibe("a \"\\x\""), HasSubstr("escape"));
  EXPECT_THAT(WhyNotVibe("a \"\\ud800\""), HasSubstr("escape"));
  EXPECT_THAT(WhyNotVibe("a [ { } ]"), HasSubstr("no tables"));
  EXPECT_THAT(WhyNotVibe("9a 1"), HasSubstr("quotes"));
  EXPECT_THAT(WhyNotVibe("\"\" 1"), HasSubstr("empty"));
  EXPECT_THAT(WhyNotVibe("a 99999999999999999999"), HasSubstr("too large"));
  EXPECT_THAT(WhyNotVibe("\xef\xbb\xbf a 1"), HasSubstr("byte order mark"));
  EXPECT_THAT(WhyNotVibe("a \xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNotVibe(absl::string_view("a \0 1", 5)), HasSubstr("NUL"));
}

TEST(Vibe, IsNotReadWhenItIsTooDeep) {
  std::string deep;
  for (uint32_t i = 0; i <= kDepthMax; ++i) deep += "a { ";
  EXPECT_THAT(WhyNotVibe(deep), HasSubstr("too many within each other"));
}

// ---- XML ----

TEST(Xml, IsElementsAttributesAndText) {
  const auto root = ReadXml(
      "<icecast>\n <mount type=\"default\">\n  <a> x </a><a>y</a>\n"
      " </mount>\n</icecast>",
      "icecast");
  ASSERT_TRUE(root.ok()) << root.status();
  const Item* mount = root->Find("mount");
  EXPECT_EQ(mount->TextAt("type"), "default");
  EXPECT_EQ(mount->members[1].value.Text(), "x");
  EXPECT_EQ(mount->TextAt("a"), "y");
  EXPECT_EQ(mount->Find("a")->line, 3u);
}

TEST(Xml, ExpandsNoEntityOfADocumentType) {
  const auto root = ReadXml(
      "<?xml version=\"1.0\"?>\n<!DOCTYPE icecast [ <!ENTITY x SYSTEM "
      "\"file:///etc/passwd\"> <!ENTITY lol \"lollol\"> ]>\n"
      "<icecast><admin>&x;&lol;&amp;</admin></icecast>",
      "icecast");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(root->TextAt("admin"), "&x;&lol;&");
}

TEST(Xml, IsRefusedWhenItIsNoneOrOfAnotherRootOrTooDeep) {
  EXPECT_THAT(std::string(ReadXml("<icecast>\n<a>\n", "icecast").status().message()),
              HasSubstr("is not XML"));
  EXPECT_THAT(std::string(ReadXml("<shoutcast/>", "icecast").status().message()),
              HasSubstr("<icecast>"));
  std::string deep = "<icecast>";
  for (uint32_t i = 0; i <= kDepthMax; ++i) deep += "<a>";
  for (uint32_t i = 0; i <= kDepthMax; ++i) deep += "</a>";
  EXPECT_FALSE(ReadXml(deep + "</icecast>", "icecast").ok());
}

// ---- JSON ----

TEST(Json, IsTextsNumbersAndFlagsAlike) {
  const auto root = ReadJson(R"({"a": "x", "b": 8000, "c": true, "d": null, "e": ["1", 2]})");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(root->TextAt("a"), "x");
  EXPECT_EQ(root->TextAt("b"), "8000");
  EXPECT_TRUE(IsOn(root->TextAt("c")));
  EXPECT_EQ(root->TextAt("d"), "");
  EXPECT_THAT(ScalarsOf(*root->Find("e")), testing::ElementsAre("1", "2"));
}

TEST(Json, SaysTheLineOfAMistakeAndNothingOfWhatStandsThere) {
  const absl::Status status = ReadJson("{\n\"password\": \"secret\" oops\n}").status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("line 2"), Not(HasSubstr("secret")), Not(HasSubstr("oops"))));
  EXPECT_FALSE(ReadJson("[1]").ok());
  EXPECT_FALSE(ReadJson("").ok());
}

TEST(Json, IsNotReadWhenItIsTooDeep) {
  EXPECT_FALSE(
      ReadJson("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}").ok());
}

// ---- INI ----

TEST(Ini, IsSectionsWithKeysAndComments) {
  const auto root = ReadIni(
      "; c\n# d\ntop=1\n[Server]\nHttpPort = 8000 ; why\nName=a;b\n"
      "[MountPoint:/live]\nName=\"x; \\\"y\\\"\"\n");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(root->TextAt("top"), "1");
  EXPECT_EQ(root->Find("Server")->TextAt("HttpPort"), "8000");
  EXPECT_EQ(root->Find("Server")->Find("HttpPort")->line, 5u);
  EXPECT_EQ(root->Find("Server")->TextAt("Name"), "a;b");
  EXPECT_EQ(root->Find("MountPoint:/live")->TextAt("Name"), "x; \"y\"");
}

TEST(Ini, HasWhatQSettingsWrites) {
  const auto root = ReadIni("[mountPoints]\r\n%2Flive\\name=Live%20\r\nlive\\public=true\r\n");
  ASSERT_TRUE(root.ok()) << root.status();
  const Item* mounts = root->Find("mountPoints");
  EXPECT_EQ(mounts->Find("/live")->TextAt("name"), "Live%20");
  EXPECT_EQ(mounts->Find("live")->TextAt("public"), "true");
}

TEST(Ini, SaysTheLineOfAMistakeAndNothingOfWhatStandsThere) {
  EXPECT_THAT(std::string(ReadIni("a=1\nsecret\n").status().message()),
              AllOf(HasSubstr("line 2"), Not(HasSubstr("secret"))));
  EXPECT_THAT(std::string(ReadIni("[a\n").status().message()), HasSubstr("line 1"));
}

}  // namespace
}  // namespace floe::importer
