// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/adts_framer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kType[] = "audio/aac";

struct Header {
  bool has_crc = false;
  uint64_t profile = 1;  // LC
  uint64_t rate = 4;     // 44.1 kHz
  uint64_t channels = 2;
  uint64_t raw_blocks = 1;
  uint64_t layer = 0;
};

// A frame of `bytes` in all, as its header says unless `said_bytes` says otherwise.
std::string Frame(const Header& h, size_t bytes, int number = 0, size_t said_bytes = 0) {
  const uint64_t length = said_bytes != 0 ? said_bytes : bytes;
  const uint64_t bits = uint64_t{0xfff} << 44 | h.layer << 41 | uint64_t{!h.has_crc} << 40 |
                        h.profile << 38 | h.rate << 34 | h.channels << 30 | length << 13 |
                        uint64_t{0x7ff} << 2 | (h.raw_blocks - 1);
  std::string frame;
  for (int shift = 48; shift >= 0; shift -= 8) frame += static_cast<char>(bits >> shift);
  frame.resize(bytes, static_cast<char>(number));
  return frame;
}

std::vector<std::string> Frames(const Header& header, int from, int count) {
  std::vector<std::string> frames;
  for (int i = 0; i < count; ++i) {
    frames.push_back(Frame(header, 200 + static_cast<size_t>((from + i) * 37 % 100), from + i));
  }
  return frames;
}

std::string Join(const std::vector<std::string>& frames) {
  std::string joined;
  for (const std::string& frame : frames) joined += frame;
  return joined;
}

TEST(AdtsFramer, FramesOfAnyLengthAreTakenApart) {
  const std::vector<std::string> frames = Frames({}, 0, 50);
  const Outcome heard = FeedAndHandOver(kType, Join(frames));
  EXPECT_EQ(Difference(heard.heard.Units(), frames), "none");
  EXPECT_EQ(heard.heard.joins.size(), 50u);
  EXPECT_EQ(heard.heard.found, (Parameters{Codec::kAac, 0, 44100, 2}));
}

TEST(AdtsFramer, TheLargestFrameIsAFrame) {
  const std::string frame = Frame({}, 8191);
  EXPECT_THAT(FeedAndHandOver(kType, frame + frame + frame).heard.Units(), SizeIs(3));
}

TEST(AdtsFramer, ChecksummedFramesAreFrames) {
  const std::vector<std::string> frames = Frames({.has_crc = true}, 0, 5);
  EXPECT_EQ(Difference(FeedAndHandOver(kType, Join(frames)).heard.Units(), frames), "none");
}

TEST(AdtsFramer, EveryRawBlockOfAFrameIsPlayed) {
  const std::vector<std::string> frames = Frames({.rate = 3, .raw_blocks = 4}, 0, 15);
  EXPECT_EQ(FeedAndHandOver(kType, Join(frames)).heard.played,
            microseconds(15 * 4 * 1024 * 1000 / 48));
}

TEST(AdtsFramer, TheCoreOfHeAacTellsTheTime) {
  const std::vector<std::string> frames = Frames({.rate = 7}, 0, 10);  // 22.05 kHz
  const Outcome heard = FeedAndHandOver(kType, Join(frames));
  EXPECT_EQ(heard.heard.played.count(), int64_t{10} * 1024 * 1'000'000 / 22050);
  EXPECT_EQ(heard.heard.found.sample_rate_hz, 22050u);
}

TEST(AdtsFramer, TagsAndGarbageBetweenFramesAreDroppedAndCounted) {
  const std::string id3 =
      std::string("ID3\x04\x00\x00\x00\x00\x01\x00", 10) + std::string(128, 'x');
  const std::string garbage = "\xff\xf1 no frame";
  const std::string stream = garbage + Join(Frames({}, 0, 4)) + id3 + Join(Frames({}, 4, 1)) + id3 +
                             Join(Frames({}, 5, 3)) + garbage + Join(Frames({}, 8, 40));
  const Outcome heard = FeedAndHandOver(kType, stream);
  EXPECT_EQ(Difference(heard.heard.Units(), Frames({}, 0, 48)), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, 2 * garbage.size() + 2 * id3.size());
  EXPECT_EQ(heard.stats.resyncs, 1u);
}

TEST(AdtsFramer, HeadersThatCannotBeAreNone) {
  const std::string broken[] = {Frame({.rate = 13}, 200), Frame({.layer = 1}, 200),
                                Frame({}, 200, 0, /*said_bytes=*/7),
                                Frame({.has_crc = true}, 200, 0, /*said_bytes=*/9)};
  for (const std::string& frame : broken) {
    EXPECT_THAT(FeedAndHandOver(kType, frame + frame + frame + frame).heard.events, IsEmpty());
  }
}

TEST(AdtsFramer, MpegAudioIsNoAac) {
  EXPECT_THAT(FeedAndHandOver(kType, ReadSample("constant.mp3")).heard.events, IsEmpty());
  EXPECT_THAT(FeedAll("audio/mpeg", ReadSample("plain.aac")).heard.events, IsEmpty());
}

TEST(AdtsFramer, ATornFrameIsNeverPublished) {
  const Outcome heard =
      FeedAndHandOver(kType, Join(Frames({}, 0, 4)) + Frame({}, 300).substr(0, 299));
  EXPECT_THAT(heard.heard.Units(), SizeIs(4));
  EXPECT_FALSE(heard.heard.has_open_bytes());
}

}  // namespace
}  // namespace floe::audio
