// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/mpeg_framer.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kType[] = "audio/mpeg";

// The fields of a header, as bits.
struct Header {
  uint32_t version = 3;  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  uint32_t layer = 1;    // 1: III, 2: II, 3: I
  uint32_t bitrate = 9;  // 128 kbit/s of MPEG-1 layer III
  uint32_t rate = 0;     // 44.1 kHz of MPEG-1
  uint32_t padding = 0;
  uint32_t mode = 0;  // 3: mono
};

std::string HeaderBytes(const Header& h) {
  const uint32_t word = 0x7ffu << 21 | h.version << 19 | h.layer << 17 | 1u << 16 |
                        h.bitrate << 12 | h.rate << 10 | h.padding << 9 | h.mode << 6;
  return {static_cast<char>(word >> 24), static_cast<char>(word >> 16),
          static_cast<char>(word >> 8), static_cast<char>(word)};
}

// A frame of `bytes` in all; its body differs from frame to frame and holds no 0xff.
std::string Frame(const Header& header, size_t bytes, int number = 0) {
  std::string frame = HeaderBytes(header);
  frame.resize(bytes, static_cast<char>(number % 200));
  return frame;
}

constexpr size_t kPlainBytes = 417;  // 128 kbit/s at 44.1 kHz
std::string Plain(int number) { return Frame({}, kPlainBytes, number); }

std::vector<std::string> PlainFrames(int from, int count) {
  std::vector<std::string> frames;
  for (int i = 0; i < count; ++i) frames.push_back(Plain(from + i));
  return frames;
}

std::string Join(const std::vector<std::string>& frames) {
  std::string joined;
  for (const std::string& frame : frames) joined += frame;
  return joined;
}

std::vector<std::string> UnitsOf(absl::string_view bytes) {
  return FeedAndHandOver(kType, bytes).heard.Units();
}

// "ID3", version 2.4, flags, and a size of 7 bits a byte.
std::string Id3v2(size_t body_bytes, char flags = 0) {
  std::string tag("ID3\x04\x00", 5);
  tag += flags;
  for (int shift = 21; shift >= 0; shift -= 7) {
    tag += static_cast<char>(body_bytes >> shift & 0x7f);
  }
  return tag + std::string(body_bytes, '\xff');
}

std::string Little32(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

std::string ApePart(uint32_t size_bytes, uint32_t flags) {
  return absl::StrCat("APETAGEX", Little32(2000), Little32(size_bytes), Little32(1),
                      Little32(flags), std::string(8, '\0'));
}

struct Expected {
  uint32_t version, layer;
  uint32_t rates[3];
  uint32_t samples;
  uint32_t kbps[14];
};

// As ISO 11172-3, ISO 13818-3 and MPEG-2.5 have it.
constexpr Expected kExpected[] = {
    {3,
     3,
     {44100, 48000, 32000},
     384,
     {32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}},
    {3,
     2,
     {44100, 48000, 32000},
     1152,
     {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}},
    {3,
     1,
     {44100, 48000, 32000},
     1152,
     {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}},
    {2,
     3,
     {22050, 24000, 16000},
     384,
     {32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}},
    {2,
     2,
     {22050, 24000, 16000},
     1152,
     {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
    {2, 1, {22050, 24000, 16000}, 576, {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
    {0,
     3,
     {11025, 12000, 8000},
     384,
     {32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}},
    {0, 2, {11025, 12000, 8000}, 1152, {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
    {0, 1, {11025, 12000, 8000}, 576, {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
};

TEST(MpegFramer, KnowsEveryVersionLayerRateAndBitrate) {
  for (const Expected& expected : kExpected) {
    for (uint32_t rate = 0; rate < 3; ++rate) {
      for (uint32_t bitrate = 1; bitrate <= 14; ++bitrate) {
        for (uint32_t padding = 0; padding < 2; ++padding) {
          const uint32_t slot_bytes = expected.layer == 3 ? 4 : 1;
          const uint32_t slots = expected.samples * expected.kbps[bitrate - 1] * 1000 / 8 /
                                     slot_bytes / expected.rates[rate] +
                                 padding;
          const Header header{expected.version, expected.layer, bitrate, rate, padding, 0};
          const std::string frame = Frame(header, slots * slot_bytes);
          const Outcome heard = FeedAndHandOver(kType, Join(std::vector<std::string>(4, frame)));
          ASSERT_THAT(heard.heard.Units(), SizeIs(4)) << HeaderBytes(header);
          ASSERT_EQ(heard.heard.Units()[3], frame);
          ASSERT_EQ(heard.heard.found.sample_rate_hz, expected.rates[rate]);
          ASSERT_EQ(heard.heard.found.bitrate_bps, expected.kbps[bitrate - 1] * 1000);
          ASSERT_EQ(heard.heard.played.count(),
                    int64_t{4} * expected.samples * 1'000'000 / expected.rates[rate]);
        }
      }
    }
  }
}

TEST(MpegFramer, TheTimeOfManyFramesIsExact) {
  // A frame lasts 26122.449 microseconds; an hour of them must not lose half a microsecond each.
  std::string stream;
  for (int i = 0; i < 1225; ++i) stream += Plain(i);
  EXPECT_EQ(FeedAndHandOver(kType, stream).heard.played, seconds(32));
}

TEST(MpegFramer, AFrameIsPublishedWithItsLastByte) {
  MpegFramer framer;
  Recorder heard;
  framer.Feed(AsBytes(Join(PlainFrames(0, 3))), heard);
  ASSERT_THAT(heard.Units(), SizeIs(3));
  const std::string next = Plain(3);
  framer.Feed(AsBytes(absl::string_view(next).substr(0, kPlainBytes - 1)), heard);
  EXPECT_THAT(heard.Units(), SizeIs(3));
  framer.Feed(AsBytes(absl::string_view(next).substr(kPlainBytes - 1)), heard);
  EXPECT_THAT(heard.Units(), SizeIs(4));
}

TEST(MpegFramer, TwoHeadersDoNotMakeAStreamAndThreeDo) {
  const std::string third = HeaderBytes({});
  EXPECT_THAT(UnitsOf(Plain(0) + Plain(1)), IsEmpty());
  EXPECT_THAT(UnitsOf(Plain(0) + Plain(1) + third.substr(0, 3)), IsEmpty());
  EXPECT_THAT(UnitsOf(Plain(0) + Plain(1) + third), SizeIs(2));
}

TEST(MpegFramer, HeadersThatDisagreeDoNotMakeAStream) {
  const std::string other = Frame({.rate = 1}, 384);
  EXPECT_THAT(UnitsOf(Plain(0) + other + Plain(1) + other + Plain(2) + other), IsEmpty());
}

TEST(MpegFramer, GarbageBetweenFramesIsDroppedAndCountedAndCostsNoFrame) {
  const std::string garbage = "not audio \xff\xfb at all \xff\xff\xff";
  const std::vector<std::string> before = PlainFrames(0, 5), after = PlainFrames(5, 5);
  const Outcome heard = FeedAndHandOver(kType, garbage + Join(before) + garbage + Join(after));
  std::vector<std::string> all = before;
  all.insert(all.end(), after.begin(), after.end());
  EXPECT_EQ(Difference(heard.heard.Units(), all), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, 2 * garbage.size());
  EXPECT_EQ(heard.stats.resyncs, 1u);
  EXPECT_EQ(heard.stats.frames, 10u);
}

TEST(MpegFramer, AFrameWithABrokenHeaderIsAllThatIsLost) {
  std::string broken = Plain(5);
  broken[1] = 0;
  const std::string stream = Join(PlainFrames(0, 5)) + broken + Join(PlainFrames(6, 5));
  std::vector<std::string> all = PlainFrames(0, 11);
  all.erase(all.begin() + 5);
  EXPECT_EQ(Difference(UnitsOf(stream), all), "none");
}

TEST(MpegFramer, ATornFrameIsNeverPublished) {
  const Outcome heard = FeedAndHandOver(kType, Join(PlainFrames(0, 4)) + Plain(4).substr(0, 100));
  EXPECT_THAT(heard.heard.Units(), SizeIs(4));
  EXPECT_FALSE(heard.heard.has_open_bytes());
  EXPECT_EQ(heard.stats.garbage_bytes, 100u);
}

TEST(MpegFramer, TagsBetweenFramesAreDroppedAndDoNotCostTheLock) {
  const std::string ape_items(50, '\xff');
  const std::string ape = ApePart(50 + 32, 0xa0000000) + ape_items + ApePart(50 + 32, 0x80000000);
  const std::string tags[] = {
      Id3v2(700),
      Id3v2(20, 0x10) + std::string("3DI\x04\x00\x10\x00\x00\x00\x14", 10),
      "TAG" + std::string(125, '\xff'),
      "TAG+" + std::string(223, '\xff') + "TAG" + std::string(125, ' '),
      ape,
      ApePart(0, 0),
      ape + "TAG" + std::string(125, 'x') + Id3v2(9),
  };
  for (const std::string& tag : tags) {
    // Only one frame comes between two tags, so the lock cannot be found anew.
    const std::string stream = tag + Join(PlainFrames(0, 4)) + tag + Plain(4) + tag + Plain(5);
    const Outcome heard = FeedAndHandOver(kType, stream);
    EXPECT_EQ(Difference(heard.heard.Units(), PlainFrames(0, 6)), "none");
    EXPECT_EQ(heard.stats.garbage_bytes, 3 * tag.size());
    EXPECT_EQ(heard.stats.resyncs, 0u);
  }
}

TEST(MpegFramer, ATagOfAbsurdSizeDoesNotSilenceTheSource) {
  const std::string absurd("ID3\x04\x00\x00\x7f\x7f\x7f\x7f", 10);
  const Outcome heard =
      FeedAndHandOver(kType, absurd + Join(PlainFrames(0, 4)) + absurd + Join(PlainFrames(4, 4)));
  EXPECT_EQ(Difference(heard.heard.Units(), PlainFrames(0, 8)), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, 20u);
}

TEST(MpegFramer, AnotherRateIsFoundWithoutLosingAFrame) {
  const std::string other = Frame({.rate = 1}, 384);
  const Outcome heard =
      FeedAndHandOver(kType, Join(PlainFrames(0, 4)) + other + other + other + other);
  EXPECT_THAT(heard.heard.Units(), SizeIs(8));
  EXPECT_EQ(heard.stats.garbage_bytes, 0u);
  EXPECT_EQ(heard.stats.resyncs, 1u);
  EXPECT_EQ(heard.heard.found.sample_rate_hz, 48000u);
}

TEST(MpegFramer, FreeFormatIsMeasuredAndItsPaddingObeyed) {
  const Header plain{.bitrate = 0}, padded{.bitrate = 0, .padding = 1};
  std::vector<std::string> frames;
  for (int i = 0; i < 9; ++i)
    frames.push_back(Frame(i % 3 == 1 ? padded : plain, 500 + (i % 3 == 1), i));
  const Outcome heard = FeedAndHandOver(kType, Join(frames) + "garbage" + Join(frames));
  std::vector<std::string> twice = frames;
  twice.insert(twice.end(), frames.begin(), frames.end());
  EXPECT_EQ(Difference(heard.heard.Units(), twice), "none");
  EXPECT_EQ(heard.heard.found.bitrate_bps, 500u * 8 * 44100 / 1152);
  EXPECT_EQ(heard.stats.garbage_bytes, 7u);
}

TEST(MpegFramer, AFreeFormatFrameHasABound) {
  const Header plain{.bitrate = 0};
  const std::string fits = Frame(plain, kFreeFormatFrameBytesMax);
  const std::string too_long = Frame(plain, kFreeFormatFrameBytesMax + 1);
  EXPECT_THAT(UnitsOf(fits + fits + fits + fits), SizeIs(4));
  EXPECT_THAT(UnitsOf(too_long + too_long + too_long + too_long), IsEmpty());
}

// Text of any charset has no three headers in a row, whatever it is labelled.
TEST(MpegFramer, TextLabelledAsAudioYieldsNoBoundaryEver) {
  std::string ascii, utf8, latin1, utf16("\xff\xfe", 2);
  std::minstd_rand random(3);
  for (int i = 0; i < 60'000; ++i) {
    ascii += static_cast<char>(' ' + random() % 95);
    absl::StrAppend(&utf8, random() % 3 == 0 ? "\u00ff" : random() % 2 == 0 ? "\u266b" : "la la ");
    // Every eighth letter is one of those with accents, the last of which is 0xff.
    latin1 += static_cast<char>(random() % 8 == 0 ? 0xc0 + random() % 64 : ' ' + random() % 95);
    utf16 += {static_cast<char>(' ' + random() % 95), '\0'};
  }
  for (const std::string& text : {ascii, utf8, latin1, utf16, std::string(100'000, '\xff'),
                                  std::string(100'000, '\0'), "TAG" + ascii, "ID3" + ascii}) {
    const Outcome heard = FeedAndHandOver(kType, text);
    EXPECT_EQ(heard.heard.events.size(), 0u);
    EXPECT_EQ(heard.stats.garbage_bytes, text.size());
    EXPECT_EQ(heard.stats.frames, 0u);
  }
}

TEST(MpegFramer, HeadersThatCannotBeAreNone) {
  const Header broken[] = {{.version = 1}, {.layer = 0}, {.bitrate = 15}, {.rate = 3}};
  for (const Header& header : broken) {
    const std::string frame = Frame(header, kPlainBytes);
    EXPECT_THAT(UnitsOf(frame + frame + frame + frame), IsEmpty());
  }
}

TEST(MpegFramer, GarbageWithinARealStreamCostsOnlyItself) {
  const std::string sample = ReadSample("constant.mp3");
  const std::vector<std::string> units = UnitsOf(sample);
  std::string stream;
  size_t injected = 0;
  std::minstd_rand random(1);
  for (size_t i = 0; i < units.size(); ++i) {
    stream += units[i];
    if (i % 10 != 9) continue;
    const std::string garbage(1 + random() % 700, static_cast<char>(random() % 255));
    injected += garbage.size();
    stream += garbage;
  }
  const Outcome heard = FeedAndHandOver(kType, stream);
  EXPECT_EQ(Difference(heard.heard.Units(), units), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, injected);
}

}  // namespace
}  // namespace floe::audio
