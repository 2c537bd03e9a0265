// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/store/file_in_folder.h"

namespace floe::store {
namespace {

// A file with a table of numbers, and the process that writes it.
class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    EXPECT_EQ(database_->Run([](Sql& sql) { return sql.Do("CREATE TABLE numbers(n)"); }),
              absl::OkStatus());
  }
  static Database::Task Add(int64_t number) {
    return [number](Sql& sql) { return sql.Do("INSERT INTO numbers VALUES(?)", {number}); };
  }
  static int64_t Count(Database& database) {
    int64_t count = -1;
    const auto task = [&count](Sql& sql) {
      const absl::StatusOr<int64_t> answer = sql.Number("SELECT COUNT(*) FROM numbers");
      if (answer.ok()) count = *answer;
      return answer.status();
    };
    EXPECT_EQ(database.Run(task), absl::OkStatus());
    return count;
  }

  const FileInFolder file_;
  metrics::Counter refused_;
  std::unique_ptr<Database> database_ = Database::Open(file_.path(), refused_).value();
};

TEST_F(DatabaseTest, WhatWasPostedBeforeAStopIsThereAfterTheNextStart) {
  for (int i = 0; i < 2'000; ++i) EXPECT_TRUE(database_->Post(Add(i)));
  database_->Stop();
  EXPECT_FALSE(database_->Post(Add(0)));
  EXPECT_EQ(refused_.value(), 1u);
  database_ = Database::Open(file_.path(), refused_).value();
  EXPECT_EQ(Count(*database_), 2'000);
}

TEST_F(DatabaseTest, ThreadsThatPostAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 200; ++n) EXPECT_TRUE(database_->Post(Add(n)));
      EXPECT_EQ(database_->Run(Add(0)), absl::OkStatus());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count(*database_), 804);
}

TEST_F(DatabaseTest, TwoProcessesWriteTheSameFileDuringASwap) {
  const auto next = Database::Open(file_.path(), refused_).value();
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(database_->Post(Add(i)));
    EXPECT_TRUE(next->Post(Add(i)));
  }
  database_->Stop();
  EXPECT_EQ(Count(*next), 400);
}

TEST_F(DatabaseTest, ATaskThatFailsTakesNoOtherWithIt) {
  EXPECT_TRUE(database_->Post(Add(1)));
  const absl::Status failed = database_->Run([](Sql& sql) { return sql.Do("NONSENSE"); });
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(database_->Post(Add(2)));
  EXPECT_EQ(Count(*database_), 2);
}

TEST_F(DatabaseTest, WhatTheDiskDoesNotTakeIsWrittenLater) {
  EXPECT_TRUE(database_->Post(Add(1)));
  std::atomic<int> tries = 0;
  const auto full_at_first = [&tries](Sql& sql) {
    return ++tries < 2 ? absl::UnavailableError("disk full") : sql.Do("SELECT 1");
  };
  EXPECT_EQ(database_->Run(full_at_first), absl::OkStatus());
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(Count(*database_), 1);
}

TEST_F(DatabaseTest, AStopDoesNotWaitForADiskThatTakesNothing) {
  std::thread waits([this] {
    const auto full = [](Sql&) { return absl::UnavailableError("disk full"); };
    EXPECT_EQ(database_->Run(full).code(), absl::StatusCode::kUnavailable);
  });
  database_->Stop();
  waits.join();
}

}  // namespace
}  // namespace floe::store
