// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/source/file_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace floe::tools {
namespace {

using testing::HasSubstr;

constexpr size_t kFrames = 20;

std::vector<std::string> MadeFrames() {
  const std::unique_ptr<FrameWriter> writer = *FrameWriter::Make(Format::kMp3, 128);
  std::vector<std::string> frames(kFrames);
  for (size_t i = 0; i < kFrames; ++i) writer->Append({.sequence = i}, &frames[i]);
  return frames;
}

std::string Joined(const std::vector<std::string>& frames) {
  std::string bytes;
  for (const std::string& frame : frames) bytes += frame;
  return bytes;
}

std::string FileOf(const std::string& bytes) {
  const std::string path =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".mp3";
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(Mp3File, ItsFramesAreSentOverAndOverWithoutItsTags) {
  const std::vector<std::string> frames = MadeFrames();
  const std::string id3 = std::string("ID3\x04\0\0\0\0\0\x10", 10) + std::string(16, '\xFF');
  const std::string tag = "TAG" + std::string(125, ' ');
  const auto file = ReadMp3File(FileOf(id3 + Joined(frames) + tag));
  ASSERT_TRUE(file.ok()) << file.status();
  std::string heard;
  for (uint64_t i = 0; i < 2 * kFrames; ++i) (*file)->Append({.sequence = i}, &heard);
  EXPECT_EQ(heard, Joined(frames) + Joined(frames));
}

TEST(Mp3File, WhatLiesBetweenFramesIsLeftOut) {
  const std::vector<std::string> frames = MadeFrames();
  const auto file = ReadMp3File(FileOf("noise" + Joined(frames)));
  ASSERT_TRUE(file.ok()) << file.status();
  std::string heard;
  (*file)->Append({.sequence = 0}, &heard);
  EXPECT_EQ(heard, frames[0]);
}

TEST(Mp3File, PlaysInRealTimeAcrossItsEnd) {
  const auto file = ReadMp3File(FileOf(Joined(MadeFrames())));
  ASSERT_TRUE(file.ok()) << file.status();
  const double frame_ns = 1152e9 / 44'100;
  for (const uint64_t i : {uint64_t{0}, uint64_t{1}, uint64_t{kFrames}, uint64_t{100 * kFrames}}) {
    EXPECT_NEAR(double((*file)->StartOf(i).count()), double(i) * frame_ns, double(i) + 1);
  }
}

TEST(Mp3File, SaysWhatItCannotRead) {
  EXPECT_THAT(ReadMp3File("/nowhere/x.mp3").status().message(), HasSubstr("/nowhere/x.mp3"));
  EXPECT_THAT(ReadMp3File(FileOf("no audio at all")).status().message(),
              HasSubstr("has no MP3 frames"));
}

}  // namespace
}  // namespace floe::tools
