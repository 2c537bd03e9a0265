// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/draft.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::string_view kLive = "mount.\"/live\"";

TEST(Draft, HasTablesInTheirOrderAndASettingALine) {
  Draft draft;
  draft.SetText(kLive, "intro", "/srv/a \"b\".mp3", {});
  draft.Listen("0.0.0.0:8000", {});
  draft.SetNumber("limits", "sources", 3, {});
  draft.Listen("[::]:8000", {});
  draft.Listen("0.0.0.0:8000", {});
  draft.Mention("mount.\"/other\"");
  draft.SetFlag("mount_defaults", "hidden", true, {});
  EXPECT_EQ(draft.ToToml(),
            "[[listen]]\naddress = \"0.0.0.0:8000\"\n\n[[listen]]\naddress = \"[::]:8000\"\n\n"
            "[limits]\nsources = 3\n\n[mount_defaults]\nhidden = true\n\n"
            "[mount.\"/live\"]\nintro = \"/srv/a \\\"b\\\".mp3\"\n\n[mount.\"/other\"]\n");
}

TEST(Draft, KeepsTheLastOfTwoAndNoEmptyText) {
  Draft draft;
  draft.SetText("server", "hostname", "a", {});
  draft.SetText("server", "hostname", "b", {});
  draft.SetText("server", "location", "", {});
  EXPECT_EQ(draft.ToToml(), "[server]\nhostname = \"b\"\n");
}

TEST(Draft, NotesWhatTomlOrAHeaderCannotSay) {
  Draft draft;
  draft.SetText("server", "location", "a\nb", {"", "location", 7});
  draft.SetList("mount_defaults", "cors_origins", {"good", "\xff"}, {"", "headers"});
  EXPECT_EQ(draft.ToToml(), "[mount_defaults]\ncors_origins = [\"good\"]\n");
  ASSERT_EQ(draft.notes().size(), 2u);
  EXPECT_EQ(draft.notes()[0].origin.line, 7u);
}

TEST(Draft, TakesOutLinesAndSaysWhatTheyWere) {
  Draft draft;
  draft.SetText("server", "hostname", "a", {"", "hostname", 1});
  draft.SetText("server", "location", "b", {"", "location", 2});
  draft.Listen("0.0.0.0:8000", {"listen-socket", "port", 3});
  draft.SetNumber(kLive, "metaint", 1, {"mount /live", "metaint", 4});
  // 1 [server] 2 hostname 3 location 4 - 5 [[listen]] 6 address 7 - 8 [mount] 9 metaint
  EXPECT_TRUE(draft.Drop({{2, "no name"}, {6, "no address"}, {9, "too small"}}));
  EXPECT_EQ(draft.ToToml(), "[server]\nlocation = \"b\"\n\n[mount.\"/live\"]\n");
  std::vector<std::string> keys;
  for (const Note& note : draft.notes()) keys.push_back(note.origin.key + ": " + note.why);
  EXPECT_THAT(keys, ElementsAre("hostname: no name", "port: no address", "metaint: too small"));
  EXPECT_TRUE(draft.Drop({{4, "no such mount"}}));
  EXPECT_EQ(draft.ToToml(), "[server]\nlocation = \"b\"\n");
  EXPECT_FALSE(draft.Drop({{99, "nothing there"}}));
  EXPECT_FALSE(draft.Drop({}));
}

TEST(Draft, ClosesAPlaceWhenWhatKeptPeopleOutIsLost) {
  Draft draft;
  draft.SetText(kLive, "hook_listener_add", "https://auth.example/", {"mount /live", "add"});
  draft.MarkGuard(kLive, "hook_listener_add");
  EXPECT_TRUE(draft.Drop({{2, "no TLS"}}));
  EXPECT_THAT(draft.ToToml(), HasSubstr("deny = [\"0.0.0.0/0\", \"::/0\"]"));
  EXPECT_THAT(draft.ToToml(), Not(HasSubstr("hook_listener_add")));
  EXPECT_EQ(draft.notes().size(), 2u);
}

}  // namespace
}  // namespace floe::importer
