// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/flac_framer.h"

#include "absl/strings/match.h"
#include "audio/crc.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/ogg_pages.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kType[] = "audio/flac";

Outcome Feed(absl::string_view bytes) { return FeedAndHandOver(kType, bytes); }

std::vector<std::string> LinksOf(const Recorder& heard) {
  std::vector<std::string> preambles;
  for (const Event& event : heard.events) {
    if (event.kind == Event::Kind::kLink) preambles.push_back(event.bytes);
  }
  return preambles;
}

std::string Block(uint8_t kind, absl::string_view body, bool is_last = false) {
  return static_cast<char>(kind | (is_last ? 0x80 : 0)) + Big(body.size(), 3) + std::string(body);
}

// 16 bits, stereo, blocks of at most 4096.
std::string StreamInfo(uint32_t rate_hz = 44100, uint64_t total = 0, char md5 = '\0') {
  const uint64_t packed = uint64_t{rate_hz} << 44 | uint64_t{1} << 41 | uint64_t{15} << 36 | total;
  return Big(16, 2) + Big(4096, 2) + Big(0, 6) + Big(packed, 8) + std::string(16, md5);
}

std::string Start() { return "fLaC" + Block(0, StreamInfo(), true); }

// A frame of 4096 samples at 44.1 kHz; what is in it is for decoders to judge.
std::string Frame(uint8_t number, size_t body_bytes = 700, char fill = '\0') {
  std::string frame = "\xff\xf8\xc9\x18";
  frame += static_cast<char>(number);
  frame += static_cast<char>(FlacCrc8(0, AsBytes(frame)));
  for (size_t i = 0; i < body_bytes; ++i) frame += fill != 0 ? fill : static_cast<char>(i * number);
  const uint16_t sum = FlacCrc16(0, AsBytes(frame));
  return frame + static_cast<char>(sum >> 8) + static_cast<char>(sum);
}

std::vector<std::string> Frames(uint8_t from, int count) {
  std::vector<std::string> frames;
  for (int i = 0; i < count; ++i) frames.push_back(Frame(static_cast<uint8_t>(from + i)));
  return frames;
}

TEST(FlacFramer, FramesAreToldApartAndTheLastIsWholeAtTheEnd) {
  const std::vector<std::string> frames = Frames(0, 10);
  const Outcome heard = Feed(Start() + JoinAll(frames));
  EXPECT_EQ(Difference(heard.heard.Units(), frames), "none");
  EXPECT_THAT(heard.heard.joins, SizeIs(10));
  EXPECT_EQ(heard.heard.played.count(), int64_t{10} * 4096 * 1'000'000 / 44100);
  EXPECT_EQ(heard.stats.garbage_bytes, 0u);
}

TEST(FlacFramer, ATornFrameIsNeverPublished) {
  const std::vector<std::string> frames = Frames(0, 4);
  const std::string last = Frame(4);
  for (size_t bytes = 1; bytes < last.size(); ++bytes) {
    const Outcome heard = Feed(Start() + JoinAll(frames) + last.substr(0, bytes));
    ASSERT_EQ(Difference(heard.heard.Units(), frames), "none") << bytes;
    ASSERT_EQ(heard.stats.garbage_bytes, bytes);
  }
}

// Found by fuzzing: arriving byte by byte, the last bytes were never judged.
TEST(FlacFramer, TheLastBytesAreJudgedHoweverTheyArrive) {
  const std::string stream = Start() + JoinAll(Frames(0, 3)) + "\xff\xf8\xff\xff";
  const Outcome whole = Feed(stream);
  const Outcome slow = FeedAll(kType, stream, {Arrival::Way::kByteByByte});
  EXPECT_TRUE(whole.heard.events == slow.heard.events);
  EXPECT_EQ(whole.stats.garbage_bytes, slow.stats.garbage_bytes);
}

TEST(FlacFramer, ThePreambleIsForAListenerWhoHearsOnlySome) {
  const std::string comments = Comments({"ARTIST=Ice", "title=Floe"});
  const std::string stream = "fLaC" + Block(0, StreamInfo(44100, 123456789, 'm')) +
                             Block(1, std::string(1000, '\0')) + Block(4, comments) +
                             Block(3, "seek") + Block(6, std::string(300'000, 'p'), true) +
                             JoinAll(Frames(0, 3));
  const Outcome heard = Feed(stream);
  EXPECT_THAT(LinksOf(heard.heard),
              ElementsAre("fLaC" + Block(0, StreamInfo()) + Block(4, comments, true)));
  EXPECT_THAT(heard.heard.titles, ElementsAre("Ice - Floe"));
  EXPECT_EQ(heard.heard.found, (Parameters{Codec::kFlac, 0, 44100, 2}));
  EXPECT_EQ(heard.heard.published, JoinAll(Frames(0, 3)));
}

TEST(FlacFramer, WithoutCommentsTheStreamInfoIsTheLastBlock) {
  const Outcome heard = Feed("fLaC" + Block(0, StreamInfo()) + Block(1, "pad", true) + Frame(0));
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(Start()));
  const std::string picture = std::string(kFlacCommentBytesMax + 1, 'p');
  EXPECT_THAT(LinksOf(Feed("fLaC" + Block(0, StreamInfo()) + Block(4, picture, true)).heard),
              ElementsAre(Start()));
}

TEST(FlacFramer, GarbageBetweenFramesCostsNoFrame) {
  const std::string garbage[] = {"x", std::string(500, '\0'), "TAG" + std::string(125, ' '),
                                 "\xff\xf8\xff\xff", std::string(300, '\xff')};
  for (const std::string& g : garbage) {
    std::string stream = Start();
    for (const std::string& frame : Frames(0, 6)) stream += frame + g;
    const Outcome heard = Feed(stream + JoinAll(Frames(6, 3)));
    EXPECT_EQ(Difference(heard.heard.Units(), Frames(0, 9)), "none") << g;
    EXPECT_EQ(heard.stats.garbage_bytes, 6 * g.size());
    EXPECT_EQ(heard.stats.resyncs, 6u);
  }
}

TEST(FlacFramer, ABrokenFrameIsAllThatIsLost) {
  std::vector<std::string> frames = Frames(0, 9);
  std::string stream = Start();
  for (size_t i = 0; i < frames.size(); ++i) {
    std::string frame = frames[i];
    if (i == 4) frame[100] ^= 1;
    stream += frame;
  }
  const Outcome heard = Feed(stream);
  frames.erase(frames.begin() + 4);
  EXPECT_EQ(Difference(heard.heard.Units(), frames), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, Frame(4).size());
}

TEST(FlacFramer, LostBytesCostTheFramesTheyWereOf) {
  const std::string all = Start() + JoinAll(Frames(0, 20));
  const size_t lost_at = Start().size() + JoinAll(Frames(0, 5)).size() + 50;
  const std::string stream = all.substr(0, lost_at) + all.substr(lost_at + 2500);
  const Outcome heard = Feed(stream);
  std::vector<std::string> left = Frames(0, 5);
  for (const std::string& frame : Frames(9, 11)) left.push_back(frame);
  EXPECT_EQ(Difference(heard.heard.Units(), left), "none");
}

TEST(FlacFramer, ANewStreamBehindTheOldOneIsANewLink) {
  const std::string second = "fLaC" + Block(0, StreamInfo(44100)) +
                             Block(4, Comments({"TITLE=two"}), true) + JoinAll(Frames(0, 4));
  const std::string tag = "TAG" + std::string(125, ' ');
  for (const std::string& between : {std::string(), tag}) {
    const Outcome heard = Feed(Start() + JoinAll(Frames(0, 4)) + between + second);
    EXPECT_EQ(heard.heard.published, JoinAll(Frames(0, 4)) + JoinAll(Frames(0, 4)));
    EXPECT_THAT(LinksOf(heard.heard), SizeIs(2));
    EXPECT_THAT(heard.heard.titles, ElementsAre("two"));
    EXPECT_EQ(heard.stats.garbage_bytes, between.size());
  }
}

TEST(FlacFramer, FramesWithoutAHeaderAreGarbage) {
  EXPECT_THAT(Feed(JoinAll(Frames(0, 10))).heard.events, IsEmpty());
  EXPECT_THAT(Feed("fLaC" + Block(1, "pad", true) + JoinAll(Frames(0, 10))).heard.events,
              IsEmpty());
  EXPECT_THAT(Feed("fLaC" + Block(0, StreamInfo(0), true) + Frame(0)).heard.events, IsEmpty());
}

TEST(FlacFramer, FramesOfAnotherStreamAreGarbage) {
  // 48 kHz where the stream says 44.1.
  std::string other = "\xff\xf8\xca\x18";
  other += '\x01';
  other += static_cast<char>(FlacCrc8(0, AsBytes(other)));
  other += std::string(100, 'o');
  const Outcome heard = Feed(Start() + Frame(0) + Frame(1) + other + Frame(2) + Frame(3));
  EXPECT_EQ(Difference(heard.heard.Units(), Frames(0, 4)), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, other.size());
}

TEST(FlacFramer, AFrameThatNeverEndsIsGivenUp) {
  const Outcome heard = Feed(Start() + Frame(0) + Frame(1).substr(0, 200) +
                             std::string(100'000, 'x') + Frame(200) + Frame(201) + Frame(202));
  EXPECT_EQ(heard.heard.published, Frame(0) + Frame(200) + Frame(201) + Frame(202));
}

TEST(FlacFramer, AChecksumThatEndsInZeroIsPartOfItsFrame) {
  // Of so many frames some end in a zero, which changes no checksum of zero.
  std::vector<std::string> frames;
  int ends_in_zero = 0;
  for (int i = 0; i < 3000; ++i) {
    frames.push_back(Frame(static_cast<uint8_t>(i % 127 + 1), 20 + static_cast<size_t>(i) % 300));
    ends_in_zero += frames.back().back() == '\0' ? 1 : 0;
  }
  EXPECT_GT(ends_in_zero, 3);
  EXPECT_EQ(Difference(Feed(Start() + JoinAll(frames)).heard.Units(), frames), "none");
}

TEST(FlacFrameHeader, NumbersOfAnyLengthAreRead) {
  const FlacStreamInfo info = ReadFlacStreamInfo(AsBytes(Block(0, StreamInfo())));
  struct Case {
    absl::string_view bytes;
    uint64_t number;
  };
  const Case cases[] = {{"\x7f", 0x7f},
                        {"\xc2\x80", 0x80},
                        {"\xef\xbf\xbf", 0xffff},
                        {"\xf7\xbf\xbf\xbf", 0x1fffff},
                        {"\xfb\xbf\xbf\xbf\xbf", 0x3ffffff},
                        {"\xfd\xbf\xbf\xbf\xbf\xbf", 0x7fffffff},
                        {"\xfe\xbf\xbf\xbf\xbf\xbf\xbf", 0xfffffffff}};
  for (const Case& c : cases) {
    // Block size and rate behind the number, in two bytes each.
    std::string header = absl::StrCat("\xff\xf9\x7d\x18", c.bytes, Big(4095, 2), Big(44100, 2));
    header += static_cast<char>(FlacCrc8(0, AsBytes(header)));
    const FlacFrameHeader read = ReadFlacFrameHeader(AsBytes(header), info);
    EXPECT_EQ(read.kind, FlacFrameHeader::Kind::kFrame);
    EXPECT_EQ(read.number, c.number);
    EXPECT_EQ(read.samples, 4096u);
    EXPECT_TRUE(read.is_variable);
    EXPECT_EQ(read.header_bytes, header.size());
    for (size_t bytes = 1; bytes < header.size(); ++bytes) {
      EXPECT_EQ(ReadFlacFrameHeader(AsBytes(header).first(bytes), info).kind,
                FlacFrameHeader::Kind::kMore);
    }
    header[2] ^= 0x10;
    EXPECT_EQ(ReadFlacFrameHeader(AsBytes(header), info).kind, FlacFrameHeader::Kind::kNone);
  }
}

}  // namespace
}  // namespace floe::audio
