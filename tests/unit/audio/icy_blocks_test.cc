// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/icy_blocks.h"

#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/bits.h"
#include "base/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What an IcyReader said; titles stand at the place of the audio where they came.
class Listener final : public IcySink {
 public:
  void Audio(std::span<const std::byte> bytes) override { absl::StrAppend(&audio, AsText(bytes)); }
  void Title(absl::string_view title, absl::string_view url) override {
    titles.push_back(absl::StrCat(audio.size(), ":", title, url.empty() ? "" : "|", url));
  }

  std::string audio;
  std::vector<std::string> titles;
};

std::string PayloadOf(absl::string_view block) {
  const size_t bytes = static_cast<unsigned char>(block[0]) * size_t{16};
  EXPECT_EQ(block.size(), 1 + bytes);
  const absl::string_view payload = block.substr(1);
  const size_t end = std::min(payload.find('\0'), payload.size());
  EXPECT_EQ(payload.find_first_not_of('\0', end), absl::string_view::npos);
  return std::string(payload.substr(0, end));
}

// A block of any text, as a careless source writes it.
std::string RawBlock(absl::string_view text) {
  const size_t sixteens = (text.size() + 15) / 16;
  std::string block = absl::StrCat(std::string(1, static_cast<char>(sixteens)), text);
  block.resize(1 + sixteens * 16);
  return block;
}

std::string TitleRead(absl::string_view block_text) {
  IcyReader reader(1);
  Listener listener;
  reader.Feed(AsBytes("a" + RawBlock(block_text)), listener);
  return listener.titles.empty() ? "none" : listener.titles[0].substr(2);
}

TEST(RenderIcyBlock, SaysTitleAndUrlInSixteens) {
  EXPECT_EQ(PayloadOf(RenderIcyBlock("Ice - Floe", "")), "StreamTitle='Ice - Floe';");
  EXPECT_EQ(PayloadOf(RenderIcyBlock("t", "http://x/")), "StreamTitle='t';StreamUrl='http://x/';");
  EXPECT_EQ(PayloadOf(RenderIcyBlock("", "")), "StreamTitle='';");
  EXPECT_EQ(RenderIcyBlock("", "").size(), 17u);
  EXPECT_EQ(RenderIcyBlock("12", "").size(), 33u);
}

TEST(RenderIcyBlock, NeverExceedsABlockAndCutsAtACharacter) {
  for (size_t bytes = 4040; bytes < 4100; ++bytes) {
    const std::string title = std::string(bytes, 'x') + "\u266b\u266b";
    const std::string block = RenderIcyBlock(title, "http://url/");
    EXPECT_LE(block.size(), size_t{kIcyBlockBytesMax});
    const std::string payload = PayloadOf(block);
    EXPECT_TRUE(IsUtf8(payload));
    EXPECT_TRUE(absl::EndsWith(payload, "';"));
  }
  EXPECT_LE(RenderIcyBlock(std::string(100'000, 'x'), "").size(), size_t{kIcyBlockBytesMax});
}

TEST(RenderIcyBlock, AUrlThatDoesNotFitIsLeftOut) {
  const std::string url(4100, 'u');
  EXPECT_EQ(PayloadOf(RenderIcyBlock("title", url)), "StreamTitle='title';");
}

TEST(RenderIcyBlock, NothingInATitleEndsItEarly) {
  const std::string payload = PayloadOf(RenderIcyBlock("it's ';StreamUrl='x';\r\n\x01 end", ""));
  EXPECT_EQ(payload, "StreamTitle='it's \u2019;StreamUrl='x\u2019;    end';");
  EXPECT_EQ(PayloadOf(RenderIcyBlock(absl::string_view("a\0b", 3), "")), "StreamTitle='a b';");
}

TEST(RenderIcyBlock, WhatItRendersTheReaderReads) {
  for (const absl::string_view title : {"", "plain", "it's", "''''", "a;b", "'", ";", "x='y"}) {
    IcyReader reader(4);
    Listener listener;
    reader.Feed(AsBytes("1234" + RenderIcyBlock(title, "http://u/?a='b'") + "5678"), listener);
    EXPECT_THAT(listener.titles, ElementsAre(absl::StrCat("4:", title, "|http://u/?a='b'")));
    EXPECT_EQ(listener.audio, "12345678");
  }
}

TEST(IcyReader, TakesBlocksOutOfTheAudioWhereverTheyAreCut) {
  std::string stream, audio;
  for (int i = 0; i < 40; ++i) {
    const std::string piece(100, static_cast<char>('A' + i));
    audio += piece;
    stream += piece;
    stream += i % 3 == 0 ? RenderIcyBlock(absl::StrCat("title ", i), "") : std::string(1, '\0');
  }
  Listener whole;
  IcyReader(100).Feed(AsBytes(stream), whole);
  EXPECT_EQ(whole.audio, audio);
  ASSERT_EQ(whole.titles.size(), 14u);
  EXPECT_EQ(whole.titles[1], "400:title 3");
  std::minstd_rand random(1);
  for (const size_t piece_max : {1, 2, 20, 300}) {
    Listener listener;
    IcyReader reader(100);
    for (size_t at = 0; at < stream.size();) {
      const size_t piece = 1 + random() % piece_max;
      const std::string bytes = stream.substr(at, piece);
      // The state is all there is: what is handed over goes on where it was.
      reader = IcyReader::Restore(reader.state()).value();
      reader.Feed(AsBytes(bytes), listener);
      at += piece;
    }
    EXPECT_EQ(listener.audio, audio);
    EXPECT_EQ(listener.titles, whole.titles);
  }
}

TEST(IcyReader, WithoutAnIntervalAllIsAudio) {
  IcyReader reader(0);
  Listener listener;
  reader.Feed(AsBytes("StreamTitle='x';"), listener);
  EXPECT_EQ(listener.audio, "StreamTitle='x';");
  EXPECT_THAT(listener.titles, IsEmpty());
}

TEST(IcyReader, TitlesMayHoldWhatEndsThem) {
  EXPECT_EQ(TitleRead("StreamTitle='it's a dog's life';"), "it's a dog's life");
  EXPECT_EQ(TitleRead("StreamTitle='a';b';"), "a';b");
  EXPECT_EQ(TitleRead("StreamTitle='a';StreamUrl='u';"), "a|u");
  EXPECT_EQ(TitleRead("StreamTitle='a';b';StreamUrl='u';"), "a';b|u");
  EXPECT_EQ(TitleRead("StreamTitle='a';adw_ad='true';durationMs='5';"), "a");
  EXPECT_EQ(TitleRead("StreamTitle='';StreamUrl='';"), "");
  EXPECT_EQ(TitleRead("StreamUrl='u';StreamTitle='a';"), "a");
  EXPECT_EQ(TitleRead("StreamTitle='Bj\xf6rk';"), "Bj\xf6rk");
}

TEST(IcyReader, ABlockWithoutItsEndIsReadAsFarAsItGoes) {
  EXPECT_EQ(TitleRead("StreamTitle='no semicolon'"), "no semicolon");
  EXPECT_EQ(TitleRead("StreamTitle='no end at all"), "no end at all");
  EXPECT_EQ(TitleRead("StreamTitle='"), "");
  EXPECT_EQ(TitleRead(absl::StrCat("StreamTitle='x';", std::string(3, '\0'), "StreamTitle='y';")),
            "x");
}

TEST(IcyReader, ABlockThatMakesNoSenseIsDroppedAndCounted) {
  IcyReader reader(3);
  Listener listener;
  const std::string junk = '\xff' + std::string(255 * 16, '\xfb');
  const std::string url_only = RawBlock("StreamUrl='u';");
  reader.Feed(AsBytes("abc" + junk + "def" + url_only + "ghi" + RawBlock("StreamTitle") + "jkl"),
              listener);
  EXPECT_EQ(listener.audio, "abcdefghijkl");
  EXPECT_THAT(listener.titles, IsEmpty());
  EXPECT_EQ(reader.state().malformed_blocks, 2u);
  EXPECT_LE(reader.state().block.size(), size_t{kIcyBlockBytesMax});
}

TEST(IcyReader, AStateThatCannotBeIsRefused) {
  using State = IcyReader::State;
  const State impossible[] = {
      {.metaint_bytes = 10, .audio_left_bytes = 11},
      {.metaint_bytes = 10, .block_left_bytes = kIcyBlockBytesMax},
      {.metaint_bytes = 10, .block_left_bytes = 4000, .block = std::string(81, 'x')},
      {.block_left_bytes = 1},
      {.metaint_bytes = 10, .block = "over"},
  };
  for (const State& state : impossible) {
    EXPECT_EQ(IcyReader::Restore(state).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace floe::audio
