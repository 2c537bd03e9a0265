// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/intros.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "unit/audio/samples.h"

namespace floe::session {
namespace {

using testing::HasSubstr;
using testing::Key;
using testing::UnorderedElementsAre;

class IntrosTest : public testing::Test {
 protected:
  IntrosTest() {
    folder_ = std::filesystem::temp_directory_path() /
              absl::StrCat("floe-intros-", getpid(), "-",
                           testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~IntrosTest() override { std::filesystem::remove_all(folder_); }

  std::string Copy(const std::string& sample, const std::string& name) {
    std::ofstream(folder_ / name, std::ios::binary) << audio::ReadSample(sample);
    return folder_ / name;
  }
  void Use(const std::string& path) {
    config::Config config;
    config.mounts["/live"].intro = path;
    auto read = Intros::Read(config);
    ASSERT_TRUE(read.ok()) << read.status();
    stream_ = read->at(path).parameters;
    intros_.Set(*std::move(read));
    path_ = path;
  }
  // Whether a player that comes now hears the intro.
  bool Hears(const std::string& agent, uint8_t host = 1, uint16_t port = 5'000) {
    Address peer;
    peer.bytes[15] = host;
    peer.port = port;
    return bool(intros_.Begin(path_, stream_, "/live", peer, agent, now_).bytes);
  }

  std::filesystem::path folder_;
  Intros intros_;
  std::string path_;
  audio::Parameters stream_;
  Instant now_{1h};
};

TEST_F(IntrosTest, APlayerThatComesBackSoonIsNotSentItAgain) {
  Use(Copy("constant.mp3", "intro.mp3"));
  EXPECT_TRUE(Hears("VLC"));
  EXPECT_FALSE(Hears("VLC", 1, 5'001));
  EXPECT_TRUE(Hears("VLC", 2));
  EXPECT_TRUE(Hears("mpv"));
  now_ += kIntroMemory - 1s;
  EXPECT_FALSE(Hears("VLC"));
  now_ += kIntroMemory - 1s;  // since it came the last time
  EXPECT_FALSE(Hears("VLC"));
  now_ += kIntroMemory;
  EXPECT_TRUE(Hears("VLC"));
}

TEST_F(IntrosTest, OnlySoManyPlayersAreRemembered) {
  Use(Copy("constant.mp3", "intro.mp3"));
  EXPECT_TRUE(Hears("first"));
  for (size_t i = 0; i < kIntroMemoryMax; ++i) EXPECT_TRUE(Hears(absl::StrCat(i)));
  EXPECT_FALSE(Hears(absl::StrCat(kIntroMemoryMax - 1)));
  EXPECT_TRUE(Hears("first"));
}

TEST_F(IntrosTest, AStreamOfOtherParametersGoesWithoutAndNobodyIsRemembered) {
  Use(Copy("constant.mp3", "intro.mp3"));
  const audio::Parameters fitting = stream_;
  for (auto change :
       {+[](audio::Parameters& p) { p.codec = audio::Codec::kAac; },
        +[](audio::Parameters& p) { p.sample_rate_hz = 48'000; },
        +[](audio::Parameters& p) { p.channels = 1; }, +[](audio::Parameters& p) { p = {}; }}) {
    stream_ = fitting;
    change(stream_);
    EXPECT_FALSE(Hears("VLC"));
  }
  stream_ = fitting;
  stream_.bitrate_bps = 320'000;
  EXPECT_TRUE(Hears("VLC"));
}

TEST_F(IntrosTest, AFileIsReadOnceForAllMountsThatNameIt) {
  config::Config config;
  config.mount_defaults.intro = Copy("constant.mp3", "a.mp3");
  config.mounts["/a"].intro = config.mount_defaults.intro;
  config.mounts["/b"].intro = Copy("vorbis.ogg", "b.ogg");
  config.mounts["/c"].intro = "";
  EXPECT_THAT(*Intros::Read(config),
              UnorderedElementsAre(Key(config.mounts["/a"].intro), Key(config.mounts["/b"].intro)));
}

TEST_F(IntrosTest, WhatCannotBeAnIntroIsRefusedWithTheReason) {
  config::Config config;
  std::string& intro = config.mounts["/live"].intro;
  intro = Copy("reference.flac", "a.flac");
  EXPECT_THAT(Intros::Read(config).status().message(), HasSubstr("FLAC"));
  intro = folder_ / "none.mp3";
  EXPECT_THAT(Intros::Read(config).status().message(), HasSubstr("none.mp3"));
  intro = Copy("constant.mp3", "a.mp3");
  config.mounts["/live"].file = Copy("plain.aac", "file.aac");
  EXPECT_THAT(Intros::Read(config).status().message(), HasSubstr("another type"));
  std::ofstream big(folder_ / "big.mp3", std::ios::binary);
  for (int i = 0; i < 60; ++i) big << audio::ReadSample("constant.mp3");
  big.close();
  config.mounts["/live"] = {};
  config.mounts["/live"].intro = folder_ / "big.mp3";
  EXPECT_THAT(Intros::Read(config).status().message(), HasSubstr("too long"));
}

TEST_F(IntrosTest, AnIntroIsWholeFramesWithoutWhatDescribesThem) {
  Use(Copy("constant.mp3", "intro.mp3"));
  const Intro intro = intros_.Begin(path_, stream_, "/live", {}, "x", now_);
  const absl::string_view bytes(reinterpret_cast<const char*>(intro.bytes.bytes().data()),
                                intro.bytes.bytes().size());
  EXPECT_FALSE(absl::StrContains(bytes, "Info"));
  EXPECT_FALSE(absl::StrContains(bytes, "ID3"));
  EXPECT_EQ(uint8_t(bytes[0]), 0xff);
  EXPECT_NEAR(double(intro.played.count()), 3'030, 30);
}

}  // namespace
}  // namespace floe::session
