// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace floe::log {
namespace {

using testing::HasSubstr;

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    folder_ = std::filesystem::temp_directory_path() /
              absl::StrCat("floe-log-file-", getpid(), "-",
                           testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~LogFileTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<LogFile> Open(const Rotation& rotation) {
    absl::StatusOr<std::unique_ptr<LogFile>> file = LogFile::Open(folder_ / "log", rotation);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }
  // What is in "log" with that behind its name.
  std::string Text(const std::string& suffix = "") const {
    std::ifstream file(folder_ / ("log" + suffix));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  bool Exists(const std::string& suffix) const {
    return std::filesystem::exists(folder_ / ("log" + suffix));
  }

  std::filesystem::path folder_;
};

TEST_F(LogFileTest, OneThatIsOpenedAnewCountsWhatTheOneBeforeWroteLast) {
  std::unique_ptr<LogFile> before = Open({.size_bytes = 8, .keep = 2});
  EXPECT_EQ(before->Write("aaa\n"), 0u);
  std::unique_ptr<LogFile> file = Open({.size_bytes = 8, .keep = 2});
  before.reset();
  for (const char* line : {"bbb\n", "ccc\n"}) EXPECT_EQ(file->Write(line), 0u);
  EXPECT_EQ(file->Flush(), 0u);
  EXPECT_EQ(Text(), "ccc\n");
  EXPECT_EQ(Text(".1"), "aaa\nbbb\n");
}

TEST_F(LogFileTest, OneThatWasPutAwayMeanwhileIsNotWrittenTo) {
  std::unique_ptr<LogFile> before = Open({.size_bytes = 8, .keep = 2});
  for (const char* line : {"aaa\n", "bbb\n"}) EXPECT_EQ(before->Write(line), 0u);
  EXPECT_EQ(before->Flush(), 0u);
  std::unique_ptr<LogFile> file = Open({.size_bytes = 8, .keep = 2});
  EXPECT_EQ(before->Write("ccc\n"), 0u);
  before.reset();
  EXPECT_EQ(file->Write("ddd\n"), 0u);
  EXPECT_EQ(file->Flush(), 0u);
  EXPECT_EQ(Text(), "ccc\nddd\n");
  EXPECT_EQ(Text(".1"), "aaa\nbbb\n");
}

TEST_F(LogFileTest, AFullOneIsPutAwayAndSoManyAreKept) {
  std::unique_ptr<LogFile> file = Open({.size_bytes = 8, .keep = 2});
  for (const char* line : {"aaa\n", "bbb\n", "ccc\n", "ddd\n", "eee\n", "fff\n", "ggg\n"}) {
    EXPECT_EQ(file->Write(line), 0u);
  }
  EXPECT_EQ(file->Flush(), 0u);
  EXPECT_EQ(Text(), "ggg\n");
  EXPECT_EQ(Text(".1"), "eee\nfff\n");
  EXPECT_EQ(Text(".2"), "ccc\nddd\n");
  EXPECT_FALSE(Exists(".3"));
}

TEST_F(LogFileTest, ALineIsNeverCutHoweverLongItIs) {
  std::unique_ptr<LogFile> file = Open({.size_bytes = 4, .keep = 9});
  file->Write("a longer line\n");
  file->Write("b\n");
  file.reset();
  EXPECT_EQ(Text(".1"), "a longer line\n");
  EXPECT_EQ(Text(), "b\n");
}

TEST_F(LogFileTest, WhatIsThereAlreadyCounts) {
  std::ofstream(folder_ / "log") << "of before\n";
  std::unique_ptr<LogFile> file = Open({.size_bytes = 12, .keep = 1});
  file->Write("new\n");
  file.reset();
  EXPECT_EQ(Text(".1"), "of before\n");
  EXPECT_EQ(Text(), "new\n");
}

TEST_F(LogFileTest, OnlyAsManyMoveAsAreThereWithoutAGap) {
  std::ofstream(folder_ / "log.1") << "one\n";
  std::ofstream(folder_ / "log.3") << "three\n";
  std::unique_ptr<LogFile> file = Open({.size_bytes = 2, .keep = 5});
  file->Write("a\n");
  file->Write("b\n");
  file.reset();
  EXPECT_EQ(Text(".1"), "a\n");
  EXPECT_EQ(Text(".2"), "one\n");
  EXPECT_EQ(Text(".3"), "three\n");
}

TEST_F(LogFileTest, WhereNoneIsKeptAFullOneIsEmptied) {
  std::unique_ptr<LogFile> file = Open({.size_bytes = 4, .keep = 0});
  for (const char* line : {"aaa\n", "bbb\n"}) file->Write(line);
  file.reset();
  EXPECT_EQ(Text(), "bbb\n");
  EXPECT_FALSE(Exists(".1"));
}

TEST_F(LogFileTest, WithoutASizeNothingIsPutAway) {
  std::unique_ptr<LogFile> file = Open({});
  for (int i = 0; i < 100'000; ++i) file->Write("line\n");
  file.reset();
  EXPECT_EQ(Text().size(), 500'000u);
  EXPECT_FALSE(Exists(".1"));
}

TEST_F(LogFileTest, WhatSomebodyElseHasMovedIsLeftAlone) {
  std::unique_ptr<LogFile> file = Open({.size_bytes = 4, .keep = 5});
  file->Write("aaa\n");
  std::filesystem::rename(folder_ / "log", folder_ / "log.moved");
  std::ofstream(folder_ / "log") << "its";
  file->Write("bbb\n");
  file.reset();
  EXPECT_EQ(Text(".moved"), "aaa\n");
  EXPECT_EQ(Text(), "itsbbb\n");
  EXPECT_FALSE(Exists(".1"));
}

TEST_F(LogFileTest, WhatIsNoPlainFileIsNeverPutAway) {
  std::ofstream(folder_ / "elsewhere") << "";
  std::filesystem::create_symlink(folder_ / "elsewhere", folder_ / "log");
  std::unique_ptr<LogFile> file = Open({.size_bytes = 2, .keep = 5});
  file->Write("a\n");
  file->Write("b\n");
  file.reset();
  EXPECT_EQ(Text(), "a\nb\n");
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "log"));
}

TEST_F(LogFileTest, AFileThatCannotBeMadeAnewGoesOn) {
  const std::filesystem::path inner = folder_ / "log.d";
  absl::StatusOr<std::unique_ptr<LogFile>> file =
      LogFile::Open(inner / "log", {.size_bytes = 2, .keep = 1});
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->Write("a\n"), 0u);
  std::filesystem::rename(inner, folder_ / "moved");
  EXPECT_EQ((*file)->Write("b\n"), 0u);
  file->reset();
  std::ifstream moved(folder_ / "moved" / "log");
  std::stringstream text;
  text << moved.rdbuf();
  EXPECT_EQ(text.str(), "a\nb\n");
}

TEST_F(LogFileTest, LinesThatADiskDoesNotTakeAreCounted) {
  absl::StatusOr<std::unique_ptr<LogFile>> full = LogFile::Open("/dev/full", {});
  ASSERT_TRUE(full.ok());
  (*full)->Write("a\n");
  (*full)->Write("b\n");
  EXPECT_EQ((*full)->Flush(), 2u);
}

TEST_F(LogFileTest, AStreamTakesEachLineAtOnce) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  std::unique_ptr<LogFile> stream = LogFile::OfStream(ends[1]);
  EXPECT_EQ(stream->Write("now\n"), 0u);
  char read_back[8] = {};
  EXPECT_EQ(read(ends[0], read_back, sizeof(read_back)), 4);
  stream.reset();
  EXPECT_EQ(write(ends[1], "x", 1), 1);  // it is still open
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LogFileTest, WhatCannotBeOpenedIsNamed) {
  const absl::Status status = LogFile::Open(folder_, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder_.string()));
}

}  // namespace
}  // namespace floe::log
