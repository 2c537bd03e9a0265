// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/wire/icy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace floe::tools {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kMetaint = 10;

std::string Block(absl::string_view text) {
  const size_t lines = (text.size() + 15) / 16;
  std::string block(1 + lines * 16, '\0');
  block[0] = char(lines);
  block.replace(1, text.size(), text.data(), text.size());
  return block;
}

struct Read {
  std::string audio;
  std::vector<std::string> titles;
  uint64_t malformed = 0;
};

Read ReadAll(absl::string_view bytes, size_t piece_bytes) {
  IcyReader reader(kMetaint);
  Read read;
  for (size_t at = 0; at < bytes.size(); at += piece_bytes) {
    reader.Feed(
        bytes.substr(at, piece_bytes),
        [&](absl::string_view run) { absl::StrAppend(&read.audio, run); },
        [&](absl::string_view title) {
          read.titles.push_back(absl::StrCat(read.audio.size(), ":", title));
        });
  }
  read.malformed = reader.malformed_blocks();
  return read;
}

TEST(IcyReader, GivesTheAudioWithoutBlocksAndTheTitlesWhereTheyStand) {
  const std::string body =
      absl::StrCat("0123456789", Block("StreamTitle='One';"), "abcdefghij", Block(""), "ABCDEFGHIJ",
                   Block("StreamTitle='It's two';StreamUrl='http://x';"), "kl");
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{16}, body.size()}) {
    const Read read = ReadAll(body, piece);
    EXPECT_EQ(read.audio, "0123456789abcdefghijABCDEFGHIJkl");
    EXPECT_THAT(read.titles, ElementsAre("10:One", "30:It's two"));
    EXPECT_EQ(read.malformed, 0u);
  }
}

TEST(IcyReader, AnEmptyTitleIsATitle) {
  EXPECT_THAT(ReadAll(absl::StrCat("0123456789", Block("StreamTitle='';")), 5).titles,
              ElementsAre("10:"));
}

TEST(IcyReader, TheLongestBlockIsRead) {
  const std::string title(255 * 16 - 15, 't');
  EXPECT_THAT(
      ReadAll(absl::StrCat("0123456789", Block(absl::StrCat("StreamTitle='", title, "';"))), 999)
          .titles,
      ElementsAre(absl::StrCat("10:", title)));
}

TEST(IcyReader, BlocksThatSayNothingKnownAreCounted) {
  for (const std::string& block :
       {Block("garbage"), Block("StreamTitle='unfinished"),
        std::string("\x02") + Block("StreamTitle='x';").substr(1) + std::string(16, '\0'),
        Block(std::string("StreamTitle='a\0b';", 18))}) {
    const Read read = ReadAll(absl::StrCat("0123456789", block, "0123456789"), 4);
    EXPECT_THAT(read.titles, IsEmpty());
    EXPECT_EQ(read.malformed, 1u);
    EXPECT_EQ(read.audio.size(), 20u);
  }
}

}  // namespace
}  // namespace floe::tools
