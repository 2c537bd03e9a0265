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
using testing::EndsWith;
using testing::IsEmpty;

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

  Options Files() {
    return {.file = folder_ / "events",
            .access_file = folder_ / "access",
            .playlist_file = folder_ / "playlist",
            .auth_file = folder_ / "auth"};
  }
  // The lines in a file, once there are so many; until then reopening has them written out.
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

TEST_F(LogTest, EachKindOfLineHasAFileOfItsOwn) {
  ASSERT_TRUE(Reopen(Files()).ok());
  Access("a request");
  Playlist({.mount = "/live", .listeners = 2, .metadata = "A - B"});
  Auth({.peer = {}, .user = "ann", .request = "PUT /live HTTP/1.1", .outcome = "granted"});
  EXPECT_THAT(Lines("access", 1), ElementsAre("a request"));
  EXPECT_THAT(Lines("playlist", 1), ElementsAre(EndsWith("|/live|2|A - B")));
  EXPECT_THAT(Lines("auth", 1), ElementsAre(EndsWith("\"PUT /live HTTP/1.1\" granted")));
}

TEST_F(LogTest, LinesAreJsonWhereThatIsConfigured) {
  Options options = Files();
  options.json = true;
  ASSERT_TRUE(Reopen(options).ok());
  EXPECT_TRUE(IsJson());
  Playlist({.mount = "/live", .listeners = 2, .metadata = "A"});
  ASSERT_TRUE(Reopen(Files()).ok());
  EXPECT_FALSE(IsJson());
  EXPECT_THAT(Lines("playlist", 1), ElementsAre(EndsWith(R"("listeners":2,"metadata":"A"})")));
}

TEST_F(LogTest, TheNewestLinesAreRemembered) {
  ASSERT_TRUE(Reopen(Files()).ok());
  for (size_t i = 0; i < kRecentLines + 3; ++i) Access(absl::StrCat("line ", i));
  Access(std::string(2 * kRecentLineBytesMax, 'x'));
  std::vector<std::string> recent;
  while (recent.empty() || recent.back()[0] != 'x') recent = Recent(Kind::kAccess, 3);
  EXPECT_THAT(recent, ElementsAre(absl::StrCat("line ", kRecentLines + 1),
                                  absl::StrCat("line ", kRecentLines + 2),
                                  std::string(kRecentLineBytesMax, 'x')));
  recent = Recent(Kind::kAccess, 10 * kRecentLines);
  ASSERT_EQ(recent.size(), kRecentLines);
  EXPECT_EQ(recent.front(), "line 4");
  EXPECT_THAT(Recent(Kind::kAccess, 0), IsEmpty());
}

TEST_F(LogTest, WhatHasNoFileIsRememberedAllTheSame) {
  ASSERT_TRUE(Reopen({.file = "/dev/null", .access_file = ""}).ok());
  Playlist({.mount = "/unwritten", .listeners = 0, .metadata = "T"});
  std::vector<std::string> recent;
  while (recent.empty() || !absl::StrContains(recent.back(), "/unwritten")) {
    recent = Recent(Kind::kPlaylist, 1);
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

TEST_F(LogTest, OfLinesThatFillFilesMeanwhileNoneIsLostOrDoubled) {
  constexpr int kThreads = 4, kLines = 1'000;
  Options options = Files();
  options.rotation = {.size_bytes = 1'000, .keep = 100};
  ASSERT_TRUE(Reopen(options).ok());
  std::vector<std::thread> writers;
  for (int id = 0; id < kThreads; ++id) {
    writers.emplace_back([id] {
      for (int i = 0; i < kLines; ++i) {
        Access(absl::StrCat(id, "-", i));
        if (i % 64 == 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::map<std::string, int> seen;
  while (seen.size() < kThreads * kLines) {
    ASSERT_TRUE(Reopen(options).ok());
    seen.clear();
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (!absl::StartsWith(entry.path().filename().string(), "access")) continue;
      EXPECT_LE(entry.file_size(), options.rotation.size_bytes);
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) ++seen[line];
    }
  }
  for (const auto& [line, times] : seen) EXPECT_EQ(times, 1) << line;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "access.1"));
}

}  // namespace
}  // namespace floe::log
