// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace floe::log {
namespace {

using testing::ElementsAre;

// The logs are the process's: opened once, each test has them go to files of its own.
class LogTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(Open({.file = "/dev/null", .access_file = "/dev/null"}).ok());
  }
  LogTest() {
    folder_ = std::filesystem::temp_directory_path() /
              absl::StrCat("floe-log-", getpid(), "-",
                           testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~LogTest() override {
    EXPECT_TRUE(Reopen({.file = "/dev/null", .access_file = "/dev/null"}).ok());
    std::filesystem::remove_all(folder_);
  }

  Options Files() { return {.file = folder_ / "events", .access_file = folder_ / "access"}; }
  // The access lines in a file, once there are so many; until then reopening has them written out.
  std::vector<std::string> Lines(const std::string& name, size_t count) {
    std::vector<std::string> lines;
    while (lines.size() < count) {
      EXPECT_TRUE(Reopen(Files()).ok());
      lines.clear();
      std::ifstream file(folder_ / name);
      for (std::string line; std::getline(file, line);) lines.push_back(line);
      std::this_thread::yield();
    }
    return lines;
  }

  std::filesystem::path folder_;
};

TEST_F(LogTest, AFileThatWasMovedIsOpenedAnewByItsName) {
  ASSERT_TRUE(Reopen(Files()).ok());
  Access("before");
  EXPECT_THAT(Lines("access", 1), ElementsAre("before"));
  std::filesystem::rename(folder_ / "access", folder_ / "access.1");
  ASSERT_TRUE(Reopen(Files()).ok());
  Access("after");
  EXPECT_THAT(Lines("access", 1), ElementsAre("after"));
  EXPECT_THAT(Lines("access.1", 1), ElementsAre("before"));
}

TEST_F(LogTest, AFileThatIsStillThereGoesOn) {
  ASSERT_TRUE(Reopen(Files()).ok());
  Access("one");
  ASSERT_TRUE(Reopen(Files()).ok());
  Access("two");
  EXPECT_THAT(Lines("access", 2), ElementsAre("one", "two"));
}

TEST_F(LogTest, WhenOneFileCannotBeOpenedBothGoOnAsBefore) {
  ASSERT_TRUE(Reopen(Files()).ok());
  Options wrong = Files();
  wrong.file = folder_ / "elsewhere";
  wrong.access_file = folder_;
  EXPECT_FALSE(Reopen(wrong).ok());
  Access("here");
  Info("here, too");
  EXPECT_THAT(Lines("access", 1), ElementsAre("here"));
  EXPECT_EQ(Lines("events", 1).size(), 1u);
}

TEST_F(LogTest, LevelFormAndTheWishForAnAccessLogChange) {
  Options options = Files();
  options.level = Level::kError;
  options.json = true;
  options.access_file = "";
  ASSERT_TRUE(Reopen(options).ok());
  EXPECT_FALSE(AccessWanted());
  Info("unheard");
  Error("a \"word\"");
  ASSERT_TRUE(Reopen(Files()).ok());
  EXPECT_TRUE(AccessWanted());
  Info("a \"word\"");
  const std::vector<std::string> lines = Lines("events", 2);
  ASSERT_EQ(lines.size(), 2u);
  // The form is that of the file's opening when the line is written out, as a whole.
  for (const std::string& line : lines) {
    EXPECT_TRUE(absl::EndsWith(line, " a \"word\"") ||
                absl::EndsWith(line, ",\"text\":\"a \\\"word\\\"\"}"))
        << line;
  }
}

// Fewer lines than the queue takes, so that none gives way.
TEST_F(LogTest, OfLinesThatThreadsWriteMeanwhileNoneIsLostOrDoubled) {
  constexpr int kThreads = 4, kLines = 1'000, kRotations = 20;
  ASSERT_TRUE(Reopen(Files()).ok());
  std::vector<std::thread> writers;
  for (int id = 0; id < kThreads; ++id) {
    writers.emplace_back([id] {
      for (int i = 0; i < kLines; ++i) {
        Access(absl::StrCat(id, "-", i));
        Debug("of no level that is written");
        if (i % 64 == 0) std::this_thread::yield();
      }
    });
  }
  for (int i = 0; i < kRotations; ++i) {
    std::filesystem::rename(folder_ / "access", folder_ / absl::StrCat("access.", i));
    ASSERT_TRUE(Reopen(Files()).ok());
  }
  for (std::thread& writer : writers) writer.join();

  std::map<std::string, int> seen;
  while (seen.size() < kThreads * kLines) {
    ASSERT_TRUE(Reopen(Files()).ok());
    seen.clear();
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (!absl::StartsWith(entry.path().filename().string(), "access")) continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) ++seen[line];
    }
  }
  for (const auto& [line, times] : seen) EXPECT_EQ(times, 1) << line;
}

}  // namespace
}  // namespace floe::log
