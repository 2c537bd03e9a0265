// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/loop_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/internal_mounts.h"

namespace floe::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint32_t kShards = 2;

class LoopPlacesTest : public testing::Test {
 protected:
  LoopPlacesTest() {
    folder_ = std::filesystem::temp_directory_path() /
              absl::StrCat("floe-loops-", getpid(), "-",
                           testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~LoopPlacesTest() override { std::filesystem::remove_all(folder_); }

  // MP3 of so many frames, 128 kbit/s at 48 kHz.
  std::string Write(const std::string& name, int frames) {
    std::ofstream file(folder_ / name, std::ios::binary);
    for (int i = 0; i < frames; ++i) {
      file << absl::string_view("\xff\xfb\x94\x00", 4) << std::string(380, '\0');
    }
    return folder_ / name;
  }
  // What another state of the configuration and of the files makes necessary, and is done.
  std::vector<LoopPlaces::Step> Steps() {
    absl::StatusOr<std::vector<LoopPlaces::Step>> steps = places_.Compare(config_);
    EXPECT_TRUE(steps.ok()) << steps.status();
    places_.Accept();
    return steps.ok() ? *std::move(steps) : std::vector<LoopPlaces::Step>{};
  }

  std::filesystem::path folder_;
  session::Services services_;
  session::Front front_{services_, kShards};
  config::Config config_;
  LoopPlaces places_;
};

TEST_F(LoopPlacesTest, FilesThatPlayAndWereNotWrittenAreLeftAlone) {
  config_.mounts["/a"].file = Write("a.mp3", 20);
  config_.mounts["/b"].burst = 1s;
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  EXPECT_THAT(Steps(), IsEmpty());
}

TEST_F(LoopPlacesTest, NewFilesAreDealtOutOverTheShards) {
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  config_.mounts["/a"].file = Write("a.mp3", 20);
  config_.mounts["/b"].file = Write("b.mp3", 20);
  const std::vector<LoopPlaces::Step> steps = Steps();
  ASSERT_THAT(steps, SizeIs(2));
  EXPECT_NE(steps[0].shard, steps[1].shard);
  EXPECT_EQ(steps[0].file.track.bytes.size(), 20u * 384);
  EXPECT_THAT(Steps(), IsEmpty());
}

TEST_F(LoopPlacesTest, AFileThatWasWrittenAnewPlaysOnItsShardAndIsTold) {
  config_.mounts["/a"].file = Write("a.mp3", 20);
  config_.mounts["/b"].file = Write("b.mp3", 20);
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  Write("b.mp3", 30);
  const std::vector<LoopPlaces::Step> steps = Steps();
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_EQ(steps[0].shard, 1u);
  EXPECT_EQ(steps[0].line, "mount /b: file was written anew");
  EXPECT_EQ(steps[0].file.track.bytes.size(), 30u * 384);
  EXPECT_THAT(Steps(), IsEmpty());
}

TEST_F(LoopPlacesTest, AFolderThatGotAFileIsReadAgainAndOneThatDidNotIsLeftAlone) {
  Write("1.mp3", 20);
  Write("2.mp3", 20);
  config_.mounts["/a"].file = folder_;
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  EXPECT_THAT(Steps(), IsEmpty());
  Write("2.mp3", 30);  // it is read again whenever it plays
  EXPECT_THAT(Steps(), IsEmpty());
  Write("3.mp3", 20);
  const std::vector<LoopPlaces::Step> steps = Steps();
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_EQ(steps[0].line, "mount /a: file was written anew");
  EXPECT_THAT(steps[0].file.programme.entries, SizeIs(3));
  config_.mounts["/a"].file_order = config::FileOrder::kShuffle;
  EXPECT_THAT(Steps(), SizeIs(1));
  EXPECT_THAT(Steps(), IsEmpty());
}

TEST_F(LoopPlacesTest, ADamagedFileOfAListIsNoReasonToRefuseTheRest) {
  Write("1.mp3", 0);
  Write("2.mp3", 20);
  config_.mounts["/a"].file = folder_;
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  Write("2.mp3", 0);
  Write("3.mp3", 0);
  EXPECT_THAT(places_.Compare(config_).status().message(), HasSubstr(".mp3"));
}

TEST_F(LoopPlacesTest, SilenceAndFilesOfFallbacksPlayLikeAnyOther) {
  config_.mounts["/a"].file = "silence:audio/mpeg:44100:2:128000";
  config_.mounts["/b"].fallback = {absl::StrCat("file:", Write("a.mp3", 20))};
  config::AddFileMounts(&config_);
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  EXPECT_TRUE(front_.LoopsOf(0).Has("/a"));
  EXPECT_TRUE(front_.LoopsOf(1).Has(absl::StrCat("file:", (folder_ / "a.mp3").string())));
  EXPECT_THAT(Steps(), IsEmpty());
}

TEST_F(LoopPlacesTest, AnotherPathIsToldByTheConfigurationAlone) {
  config_.mounts["/a"].file = Write("a.mp3", 20);
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  config_.mounts["/a"].file = Write("other.mp3", 20);
  const std::vector<LoopPlaces::Step> steps = Steps();
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_FALSE(steps[0].is_end);
  EXPECT_EQ(steps[0].line, "");
}

TEST_F(LoopPlacesTest, WhatIsNoLongerConfiguredEndsWhereItPlays) {
  config_.mounts["/a"].file = Write("a.mp3", 20);
  config_.mounts["/b"].file = Write("b.mp3", 20);
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  config_.mounts["/a"].file = "";
  config_.mounts.erase("/b");
  const std::vector<LoopPlaces::Step> steps = Steps();
  ASSERT_THAT(steps, SizeIs(2));
  for (const LoopPlaces::Step& step : steps) {
    EXPECT_TRUE(step.is_end);
    EXPECT_EQ(step.shard, step.mount == "/a" ? 0u : 1u);
  }
}

TEST_F(LoopPlacesTest, AFileThatCannotBePlayedIsRefusedAndComparedAgainTheNextTime) {
  config_.mounts["/a"].file = Write("a.mp3", 20);
  ASSERT_TRUE(places_.Start(config_, front_, kShards).ok());
  Write("a.mp3", 0);
  EXPECT_THAT(places_.Compare(config_).status().message(), HasSubstr("a.mp3"));
  std::filesystem::remove(folder_ / "a.mp3");
  EXPECT_THAT(places_.Compare(config_).status().message(), HasSubstr("a.mp3"));
  Write("a.mp3", 25);
  EXPECT_THAT(Steps(), SizeIs(1));
}

}  // namespace
}  // namespace floe::server
