// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/man_page.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::config {
namespace {

using testing::HasSubstr;

TEST(ManPage, HasEveryTableAndEveryKeyWithWhatItIsWhatItTakesAndItsVariable) {
  const std::string page = ManPage();
  for (const TableName& table : Tables()) {
    const bool is_of_mounts = table.is_of_names_only();
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n.Sh \\&[", table.table == Table::kListen ? "[" : "",
                                             table.name, is_of_mounts ? "." : "]")));
  }
  for (const Key& key : Keys()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n.It Ic ", key.name, " No = ")));
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n", RoffEscape(key.doc), ".\n")));
    EXPECT_THAT(page, HasSubstr(RoffEscape(Expected(key.field))));
    if (NamesOf(key.table).is_of_names_only()) continue;
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n.Ev ", VariableOf(key), " .\n")));
  }
}

TEST(ManPage, HasTheDefaults) {
  const std::string page = ManPage();
  EXPECT_THAT(page, HasSubstr(".It Ic arena No = \\&\\(dq256MiB\\(dq\n"));
  EXPECT_THAT(page, HasSubstr(".It Ic address No = \\&\\(dq0.0.0.0:8000\\(dq\n"));
  EXPECT_THAT(page, HasSubstr(".It Ic source_password No = \\&\\(dq\\(dq\n"));
}

TEST(ManPage, NoLineIsARequestThatIsNotKnown) {
  for (const absl::string_view line : absl::StrSplit(ManPage(), '\n')) {
    EXPECT_FALSE(absl::StartsWith(line, "'")) << line;
    if (!absl::StartsWith(line, ".")) continue;
    EXPECT_TRUE(line.size() > 2 && (line[1] == '\\' || (line[1] >= 'A' && line[1] <= 'Z'))) << line;
  }
}

TEST(RoffEscape, PrintsWhatTheFormatterWouldTakeForItsOwn) {
  EXPECT_EQ(RoffEscape(".burst"), "\\&.burst");
  EXPECT_EQ(RoffEscape("a\\b"), "\\&a\\eb");
  EXPECT_EQ(RoffEscape("'\"`-"), "\\&\\(aq\\(dq\\(ga\\-");
}

}  // namespace
}  // namespace floe::config
