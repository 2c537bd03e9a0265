// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What floe-source writes, floe-load must understand, however the network cuts it; and what is
// damaged on the way must not pass.
#include "tools/signal/frame_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tools/signal/frame_writer.h"
#include "tools/signal/mpeg_header.h"

namespace floe::tools {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

struct Recipe {
  Format format;
  uint32_t kbps;
};

class EveryFormat : public testing::TestWithParam<Recipe> {
 protected:
  EveryFormat() : writer_(*FrameWriter::Make(GetParam().format, GetParam().kbps)) {
    writer_->BeginLife(99, &head_);
  }

  std::string Frame(uint64_t sequence) {
    std::string bytes;
    writer_->Append({.sequence = sequence, .sent_ns = sequence * 1000, .mount = 3, .life = 99},
                    &bytes);
    return bytes;
  }

  std::string Stream(uint64_t from, uint64_t to) {
    std::string bytes = head_;
    for (uint64_t i = from; i < to; ++i) bytes += Frame(i);
    return bytes;
  }

  // Hears `bytes` in pieces; returns the sequence numbers.
  std::vector<uint64_t> Hear(absl::string_view bytes, size_t piece_bytes) {
    std::vector<uint64_t> sequences;
    for (size_t at = 0; at < bytes.size(); at += piece_bytes) {
      finder_.Feed(bytes.substr(at, piece_bytes), [&](const Heard& heard) {
        EXPECT_EQ(heard.reading, Reading::kStamped);
        EXPECT_EQ(heard.stamp.mount, 3u);
        sequences.push_back(heard.stamp.sequence);
      });
    }
    return sequences;
  }

  std::unique_ptr<FrameWriter> writer_;
  std::string head_;
  FrameFinder finder_{GetParam().format};
};

TEST_P(EveryFormat, AllFramesAreHeardWhateverThePieces) {
  const std::string stream = Stream(0, 50);
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{417}, size_t{1448}, stream.size()}) {
    finder_ = FrameFinder(GetParam().format);
    EXPECT_THAT(Hear(stream, piece), SizeIs(50)) << piece;
    EXPECT_EQ(finder_.tears(), 0u);
    EXPECT_FALSE(finder_.has_ragged_start());
  }
}

TEST_P(EveryFormat, AStreamThatBeginsWithinAFrameIsRaggedButNotTorn) {
  const std::string stream = Stream(0, 1).substr(head_.size() + 20) + Frame(1) + Frame(2);
  EXPECT_THAT(Hear(stream, 100), ElementsAre(1, 2));
  EXPECT_TRUE(finder_.has_ragged_start());
  EXPECT_EQ(finder_.tears(), 0u);
}

TEST_P(EveryFormat, BytesMissingInTheMiddleAreOneTear) {
  const std::string torn = Frame(1).substr(0, 60) + Frame(2);
  EXPECT_THAT(Hear(Stream(0, 1) + torn + Frame(3) + Frame(4), 100), ElementsAre(0, 2, 3, 4));
  EXPECT_EQ(finder_.tears(), 1u);
}

TEST_P(EveryFormat, AChangedByteIsATearAndTheFrameIsNotHeard) {
  std::string damaged = Frame(1);
  damaged[damaged.size() - 5] ^= 0x10;
  const std::vector<uint64_t> heard = Hear(Stream(0, 1) + damaged + Frame(2), 1448);
  // An ADTS frame ends with four bytes that no stamp guards.
  if (GetParam().format != Format::kAdts) {
    EXPECT_THAT(heard, ElementsAre(0, 2));
    EXPECT_EQ(finder_.tears(), 1u);
  }
}

TEST_P(EveryFormat, ForeignBytesBetweenFramesAreATear) {
  EXPECT_THAT(Hear(Stream(0, 2) + "ID3 and more" + Frame(2), 1448), ElementsAre(0, 1, 2));
  EXPECT_EQ(finder_.tears(), 1u);
}

TEST_P(EveryFormat, TheBitrateHoldsOverAMinute) {
  uint64_t frames = 0;
  size_t bytes = 0;
  while (writer_->StartOf(frames) < std::chrono::seconds(60)) bytes += Frame(frames++).size();
  const double kbps = double(bytes) * 8 / 60'000;
  const double pages = GetParam().format == Format::kOpus ? 13 : 0;  // page headers come on top
  EXPECT_NEAR(kbps, GetParam().kbps + pages / 2, 0.5 + pages / 2);
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::Values(Recipe{Format::kMp3, 32}, Recipe{Format::kMp3, 128},
                                         Recipe{Format::kMp3, 320}, Recipe{Format::kAdts, 32},
                                         Recipe{Format::kAdts, 64}, Recipe{Format::kAdts, 128},
                                         Recipe{Format::kAdts, 256}, Recipe{Format::kAdts, 400},
                                         Recipe{Format::kOpus, 32}, Recipe{Format::kOpus, 128}));

TEST(FrameFinder, MusicWithoutStampsIsFollowedByItsHeaders) {
  std::string frame("\xFF\xFB\x90\x00", 4);
  frame.resize(417, 'x');
  FrameFinder finder(Format::kMp3);
  int bare = 0;
  for (int i = 0; i < 10; ++i) {
    finder.Feed(frame, [&](const Heard& heard) { bare += heard.reading == Reading::kBare; });
  }
  EXPECT_EQ(bare, 10);
  EXPECT_EQ(finder.tears(), 0u);
}

TEST(FrameWriter, RefusesBitratesThatAFormatDoesNotHave) {
  EXPECT_FALSE(FrameWriter::Make(Format::kMp3, 100).ok());
  EXPECT_FALSE(FrameWriter::Make(Format::kAdts, 8).ok());
  EXPECT_FALSE(FrameWriter::Make(Format::kOpus, 2000).ok());
}

TEST(FrameWriter, SilenceAt128kIsWhatDecodersExpect) {
  auto writer = *FrameWriter::Make(Format::kMp3, 128);
  std::string bytes;
  writer->Append({}, &bytes);
  const auto header = MpegHeader::Decode(bytes);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->frame_bytes, bytes.size());
  EXPECT_EQ(header->sample_rate, 44100u);
  EXPECT_EQ(header->samples, 1152u);
  EXPECT_EQ(bytes.substr(4, 32), std::string(32, '\0'));  // no main data, no gain, no reservoir
}

TEST(MpegHeader, KnowsAllVersionsAndRefusesTheRest) {
  const auto bytes_of = [](const char* header) {
    const auto decoded = MpegHeader::Decode(absl::string_view(header, 4));
    return decoded.has_value() ? decoded->frame_bytes : 0;
  };
  EXPECT_EQ(bytes_of("\xFF\xFB\x90\x00"), 417u);  // MPEG-1, 128 kbit/s, 44.1 kHz
  EXPECT_EQ(bytes_of("\xFF\xFB\x92\x00"), 418u);  // padded
  EXPECT_EQ(bytes_of("\xFF\xF3\x84\xC0"), 192u);  // MPEG-2, 64 kbit/s, 24 kHz
  EXPECT_EQ(bytes_of("\xFF\xE3\x48\xC0"), 288u);  // MPEG-2.5, 32 kbit/s, 8 kHz
  EXPECT_EQ(bytes_of("\xFF\xFD\x90\x00"), 0u);    // layer II
  EXPECT_EQ(bytes_of("\xFF\xFB\xF0\x00"), 0u);    // no such bitrate
  EXPECT_EQ(bytes_of("\xFF\xFB\x9C\x00"), 0u);    // no such sample rate
  EXPECT_EQ(bytes_of("\xFE\xFB\x90\x00"), 0u);
}

}  // namespace
}  // namespace floe::tools
