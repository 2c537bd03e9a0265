// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/programme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "unit/audio/samples.h"

namespace floe::files {
namespace {

using config::FileOrder;
using testing::ElementsAre;
using testing::HasSubstr;

class ProgrammeTest : public testing::Test {
 protected:
  ProgrammeTest() {
    folder_ = std::filesystem::temp_directory_path() /
              absl::StrCat("floe-files-", getpid(), "-",
                           testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~ProgrammeTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::vector<std::string> NamesOf(const std::string& path) {
    const absl::StatusOr<Programme> programme = MakeProgramme(path, FileOrder::kInOrder);
    EXPECT_TRUE(programme.ok()) << programme.status();
    std::vector<std::string> names;
    if (!programme.ok()) return names;
    for (const Entry& entry : programme->entries) {
      names.push_back(std::filesystem::relative(entry.path, folder_));
    }
    return names;
  }

  std::filesystem::path folder_;
  const std::string mp3_ = audio::ReadSample("mpeg2.mp3");
  const std::string untagged_ = audio::ReadSample("plain.aac");
};

TEST_F(ProgrammeTest, AFileStandsForItself) {
  EXPECT_THAT(NamesOf(Write("one.mp3", mp3_)), ElementsAre("one.mp3"));
}

TEST_F(ProgrammeTest, AFolderIsAllThatPlaysInItAndBelowSorted) {
  Write("music/b.mp3", "");
  Write("music/a/z.MP3", "");
  Write("music/a/cover.jpg", "");
  Write("music/.hidden/x.mp3", "");
  Write("music/c.ogg", "");
  std::filesystem::create_directory_symlink(folder_ / "music", folder_ / "music/a/around");
  EXPECT_THAT(NamesOf(folder_ / "music"), ElementsAre("music/a/z.MP3", "music/b.mp3"));
}

TEST_F(ProgrammeTest, FoldersAreOnlyFollowedSoDeep) {
  std::string deep = "music";
  for (int i = 0; i < kFolderDepthMax; ++i) deep += "/x";
  Write(deep + "/in.mp3", "");
  Write(deep + "/x/out.mp3", "");
  EXPECT_THAT(NamesOf(folder_ / "music"), ElementsAre(deep + "/in.mp3"));
}

TEST_F(ProgrammeTest, APlaylistsFilesAreOfTheTypeOfItsFirst) {
  const std::string list = Write("list.m3u", "cover.jpg\none.mp3\ntwo.ogg\nsub/three.mp3\n");
  EXPECT_THAT(NamesOf(list), ElementsAre("one.mp3", "sub/three.mp3"));
}

TEST_F(ProgrammeTest, WhatNamesNoFilesIsRefused) {
  for (const std::string& path :
       {std::string(folder_ / "none.mp3"), std::string(folder_), Write("empty.m3u", "#EXTM3U\n"),
        Write("text.txt", "x"), Write("list.pls", "File1=x.txt\n")}) {
    const absl::Status refused = MakeProgramme(path, FileOrder::kInOrder).status();
    EXPECT_THAT(refused.message(), HasSubstr(path));
  }
}

TEST_F(ProgrammeTest, ATitleIsOfTheTagsOrThePlaylistOrTheName) {
  EXPECT_EQ(ReadTrack({Write("one.mp3", mp3_), "Of the list"})->title, "Ice - Floe");
  EXPECT_EQ(ReadTrack({Write("two.aac", untagged_), "Of the list"})->title, "Of the list");
  EXPECT_EQ(ReadTrack({Write("A file.aac", untagged_), ""})->title, "A file");
}

TEST_F(ProgrammeTest, FilesThatCannotBePlayedArePassedOver) {
  Write("2.mp3", mp3_);
  Write("3.mp3", "no audio");
  const std::string list = Write("list.m3u", "1.mp3\n2.mp3\n3.mp3\n");
  const absl::StatusOr<Programme> programme = MakeProgramme(list, FileOrder::kInOrder);
  ASSERT_TRUE(programme.ok());
  Rotation rotation(FileOrder::kInOrder, 3, 0);
  std::set<size_t> passed;
  ASSERT_TRUE(ReadNextTrack(*programme, nullptr, &rotation, &passed).ok());
  EXPECT_EQ(rotation.current(), 1u);
  rotation.Advance();
  ASSERT_TRUE(ReadNextTrack(*programme, nullptr, &rotation, &passed).ok());
  EXPECT_EQ(rotation.current(), 1u);
  EXPECT_THAT(passed, ElementsAre(0, 2));

  Write("1.mp3", mp3_);
  rotation.Advance();
  rotation.Advance();
  ASSERT_TRUE(ReadNextTrack(*programme, nullptr, &rotation, &passed).ok());
  EXPECT_EQ(rotation.current(), 0u);
  EXPECT_THAT(passed, ElementsAre(2));
}

TEST_F(ProgrammeTest, FlacOfAnotherRateIsPassedOver) {
  Write("1.flac", audio::ReadSample("ffmpeg.flac"));
  Write("2.flac", audio::ReadSample("reference.flac"));
  const absl::StatusOr<Programme> programme = MakeProgramme(folder_, FileOrder::kInOrder);
  ASSERT_TRUE(programme.ok());
  Rotation rotation(FileOrder::kInOrder, 2, 0);
  std::set<size_t> passed;
  const absl::StatusOr<audio::Track> first = ReadNextTrack(*programme, nullptr, &rotation, &passed);
  ASSERT_TRUE(first.ok());
  rotation.Advance();
  const absl::StatusOr<audio::Track> second =
      ReadNextTrack(*programme, &*first, &rotation, &passed);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(rotation.current(), 0u);
}

TEST_F(ProgrammeTest, WhereNothingCanBePlayedTheReasonIsSaid) {
  const std::string list = Write("list.m3u", "1.mp3\n2.mp3\n");
  const absl::StatusOr<Programme> programme = MakeProgramme(list, FileOrder::kInOrder);
  Rotation rotation(FileOrder::kInOrder, 2, 0);
  std::set<size_t> passed;
  EXPECT_THAT(ReadNextTrack(*programme, nullptr, &rotation, &passed).status().message(),
              HasSubstr("2.mp3"));
}

}  // namespace
}  // namespace floe::files
