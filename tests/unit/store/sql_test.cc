// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/sql.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/store/file_in_folder.h"

namespace floe::store {
namespace {

using testing::ElementsAre;

constexpr SchemaStep kFirst[] = {{1, "CREATE TABLE songs(title TEXT); CREATE TABLE spare(x)"}};
constexpr SchemaStep kBoth[] = {kFirst[0], {2, "ALTER TABLE songs ADD COLUMN at_s INTEGER"}};

std::vector<std::string> Titles(Sql& sql) {
  std::vector<std::string> titles;
  EXPECT_TRUE(sql.Each("SELECT title FROM songs ORDER BY rowid", {},
                       [&titles](const Row& row) {
                         titles.emplace_back(row.Text(0));
                         return true;
                       })
                  .ok());
  return titles;
}

TEST(Sql, WhatWasWrittenIsThereWhenTheFileIsOpenedAgain) {
  const FileInFolder file;
  {
    auto sql = Sql::Open(file.path()).value();
    ASSERT_EQ(sql->Migrate(kFirst), absl::OkStatus());
    for (const absl::string_view title : {"a", "b'; DROP TABLE songs; --", ""}) {
      EXPECT_EQ(sql->Do("INSERT INTO songs VALUES(?)", {title}), absl::OkStatus());
    }
    EXPECT_EQ(sql->last_id(), 3);
  }
  auto sql = Sql::Open(file.path()).value();
  EXPECT_THAT(Titles(*sql), ElementsAre("a", "b'; DROP TABLE songs; --", ""));
}

TEST(Sql, NobodyElseMayReadTheFile) {
  const FileInFolder file;
  auto sql = Sql::Open(file.path()).value();
  EXPECT_EQ(sql->Migrate(kFirst), absl::OkStatus());
  for (const auto& each : std::filesystem::directory_iterator(file.folder())) {
    const std::filesystem::perms others =
        std::filesystem::perms::group_all | std::filesystem::perms::others_all;
    EXPECT_EQ(each.status().permissions() & others, std::filesystem::perms::none) << each.path();
  }
}

TEST(Sql, StepsOfTheSchemaAreTakenOnce) {
  const FileInFolder file;
  auto before = Sql::Open(file.path()).value();
  EXPECT_EQ(before->Migrate(kFirst), absl::OkStatus());
  auto after = Sql::Open(file.path()).value();
  EXPECT_EQ(after->Migrate(kBoth), absl::OkStatus());
  EXPECT_EQ(after->Migrate(kBoth), absl::OkStatus());
  EXPECT_EQ(*after->Number("PRAGMA user_version"), 2);
  // The process before goes on with what it knows, and one that is older begins.
  EXPECT_EQ(before->Do("INSERT INTO songs(title) VALUES(?)", {"a"}), absl::OkStatus());
  EXPECT_EQ(before->Migrate(kFirst), absl::OkStatus());
  EXPECT_EQ(*after->Number("PRAGMA user_version"), 2);
  EXPECT_THAT(Titles(*after), ElementsAre("a"));
}

TEST(Sql, AStepThatFailsLeavesTheFileAsItWas) {
  auto sql = Sql::Open(":memory:").value();
  constexpr SchemaStep kBad[] = {{1, "CREATE TABLE songs(title TEXT); NONSENSE"}};
  EXPECT_EQ(sql->Migrate(kBad).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(*sql->Number("PRAGMA user_version"), 0);
  EXPECT_EQ(sql->Migrate(kFirst), absl::OkStatus());
}

TEST(Sql, ValuesOfEveryKindComeBackAsTheyWere) {
  auto sql = Sql::Open(":memory:").value();
  EXPECT_EQ(sql->Do("CREATE TABLE t(a, b, c, d)"), absl::OkStatus());
  const std::string text("x\0y", 3);
  EXPECT_EQ(sql->Do("INSERT INTO t VALUES(?,?,?,?)",
                    {int64_t{-5}, 0.5, absl::string_view(text), nullptr}),
            absl::OkStatus());
  int rows = 0;
  EXPECT_EQ(sql->Each("SELECT * FROM t", {},
                      [&](const Row& row) {
                        EXPECT_EQ(row.Int(0), -5);
                        EXPECT_EQ(row.Real(1), 0.5);
                        EXPECT_EQ(row.Text(2), text);
                        EXPECT_TRUE(row.IsNull(3));
                        EXPECT_EQ(row.Text(3), "");
                        return ++rows < 10;
                      }),
            absl::OkStatus());
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(sql->Do("DELETE FROM t"), absl::OkStatus());
  EXPECT_EQ(sql->changed_rows(), 1);
}

TEST(Sql, WhatIsWrongIsSaid) {
  auto sql = Sql::Open(":memory:").value();
  const absl::Status wrong = sql->Do("SELECT * FROM absent");
  EXPECT_EQ(wrong.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(wrong.message()), testing::HasSubstr("no such table: absent"));
  EXPECT_EQ(Sql::Open("/nowhere/at/all").status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace floe::store
