// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/import.h"

#include <nlohmann/json.hpp>

#include "importer/report.h"
#include "unit/importer/importing.h"

namespace floe::importer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Recognize, GoesByWhatATextSays) {
  EXPECT_EQ(Recognize("<?xml version=\"1.0\"?>\n<icecast/>", "x"), Format::kIcecast);
  EXPECT_EQ(Recognize("\xef\xbb\xbf\n  <icecast>", "x.json"), Format::kIcecast);
  EXPECT_EQ(Recognize("# c\nserver {\n}", "x"), Format::kVibe);
  EXPECT_EQ(Recognize(R"({"server": {}})", "x"), Format::kGoCast);
  EXPECT_EQ(Recognize(R"({"bind_host": ""})", "config.json"), Format::kTinyIce);
  EXPECT_EQ(Recognize("; c\n[Server]\nA=1", "x"), Format::kLegacyStream);
  EXPECT_EQ(Recognize("server/httpPort=8000", "x"), Format::kLegacyStream);
}

TEST(Recognize, GoesByTheNameWhereATextSaysTooLittle) {
  EXPECT_EQ(Recognize("{}", "/etc/tinyice.json"), Format::kTinyIce);
  EXPECT_EQ(Recognize("{}", "/etc/gocast/config.json"), Format::kGoCast);
  EXPECT_EQ(Recognize("", "gocast.vibe"), Format::kVibe);
  EXPECT_EQ(Recognize("", "legacystream.ini"), Format::kLegacyStream);
}

TEST(Recognize, SaysNothingOfWhatItDoesNotKnow) {
  EXPECT_EQ(Recognize("{}", "x.json"), std::nullopt);
  EXPECT_EQ(Recognize("", "x"), std::nullopt);
  EXPECT_EQ(Recognize("hello", "x"), std::nullopt);
}

TEST(Formats, HaveNames) {
  EXPECT_EQ(FormatNames(), "icecast, vibe, gocast, tinyice, legacystream");
  EXPECT_EQ(FormatOf("tinyice"), Format::kTinyIce);
  EXPECT_EQ(FormatOf("nginx"), std::nullopt);
  EXPECT_EQ(NameOf(Format::kVibe), "vibe");
}

TEST(Import, RefusesATextThatIsOfAnotherFormat) {
  for (const Format format :
       {Format::kIcecast, Format::kGoCast, Format::kTinyIce, Format::kLegacyStream}) {
    const absl::Status status = Import("nothing { of it }", format, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << NameOf(format);
  }
  EXPECT_FALSE(Import("<icecast/>", Format::kVibe, {}).ok());
}

TEST(Import, TakesOutWhatFloeRefusesHoweverMuchThatIs) {
  std::string text = "<icecast>";
  for (int i = 0; i < 200; ++i) {
    text += "<mount><mount-name>/m" + std::to_string(i) +
            "</mount-name>"
            "<charset>klingon</charset></mount>";
  }
  const Result result = ImportText(text + "</icecast>", Format::kIcecast);
  EXPECT_EQ(result.LeftOut("charset").size(), 200u);
  EXPECT_EQ(result.config.mounts.size(), 200u);
}

TEST(Import, SaysNoPasswordInANote) {
  const Result result = ImportText(
      "<icecast><authentication><source-password>$hush-1</source-password>"
      "<admin-password>env:hush-2</admin-password><magic>hush-3</magic></authentication>"
      "<relay><server>https://u:hush-4@x</server><mount>/a</mount><password>file:hush-5</password>"
      "</relay></icecast>",
      Format::kIcecast);
  EXPECT_FALSE(result.imported.is_whole());
  for (const Note& note : result.imported.notes) EXPECT_THAT(note.why, Not(HasSubstr("hush")));
  EXPECT_THAT(TextNotes(result.imported.notes, "x"), Not(HasSubstr("hush")));
}

TEST(Report, IsALineForEachNoteWithItsPlace) {
  const Result result = ImportText(
      "<icecast>\n<fileserve>1</fileserve>\n<limits><clients>9</clients></limits>\n</icecast>",
      Format::kIcecast);
  const std::string text = TextNotes(result.imported.notes, "old.xml");
  EXPECT_THAT(text, StartsWith("NOT CARRIED OVER\n  old.xml:2: fileserve: "));
  EXPECT_THAT(text, HasSubstr("CARRIED OVER, BUT CHANGED\n  old.xml:3: limits: clients: "));
  EXPECT_EQ(TextNotes({}, "old.xml"), "");
}

TEST(Report, ShowsNothingThatATerminalObeys) {
  const std::vector<Note> notes = {{Note::Kind::kLeftOut, {"", "a\x1b[31m\xff"}, "why"}};
  EXPECT_EQ(TextNotes(notes, "x"), "NOT CARRIED OVER\n  x: a?[31m?: why\n");
}

TEST(Report, IsJsonForPrograms) {
  const Result result =
      ImportText("<icecast>\n<fileserve>1</fileserve></icecast>", Format::kIcecast);
  const auto report = nlohmann::json::parse(JsonReport(result.imported, Format::kIcecast, ""));
  EXPECT_EQ(report["format"], "icecast");
  EXPECT_EQ(report["toml"], result.imported.toml);
  ASSERT_EQ(report["notes"].size(), 1u);
  EXPECT_EQ(report["notes"][0]["kind"], "left_out");
  EXPECT_EQ(report["notes"][0]["line"], 2);
  EXPECT_EQ(report["notes"][0]["key"], "fileserve");
  const auto written =
      nlohmann::json::parse(JsonReport(result.imported, Format::kIcecast, "/etc/floe.toml"));
  EXPECT_EQ(written["written"], "/etc/floe.toml");
  EXPECT_FALSE(written.contains("toml"));
}

}  // namespace
}  // namespace floe::importer
