// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/id3.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace floe::audio {
namespace {

using std::string_literals::operator""s;

std::string SevenBits(size_t value) {
  std::string text(4, '\0');
  for (size_t i = 0; i < 4; ++i) text[3 - i] = char(value >> 7 * i & 0x7f);
  return text;
}
std::string EightBits(size_t value, size_t bytes = 4) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) text[bytes - 1 - i] = char(value >> 8 * i);
  return text;
}
std::string Frame23(const std::string& id, const std::string& body, const std::string& flags) {
  return id + EightBits(body.size()) + flags + body;
}
std::string Frame23(const std::string& id, const std::string& body) {
  return Frame23(id, body, "\0\0"s);
}
std::string Frame24(const std::string& id, const std::string& body,
                    const std::string& flags = "\0\0"s) {
  return id + SevenBits(body.size()) + flags + body;
}
std::string Tag(char version, const std::string& frames, char flags = 0) {
  return "ID3"s + version + '\0' + flags + SevenBits(frames.size()) + frames;
}
std::string Title(const std::string& file) { return TitleOfId3v2(AsBytes(file)); }

TEST(Id3v2, ArtistAndTitleAreJoinedAsEverywhere) {
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\0Floe"s) + Frame23("TPE1", "\0Ice"s))), "Ice - Floe");
  EXPECT_EQ(Title(Tag(4, Frame24("TPE1", "\3Ice"s) + Frame24("TIT2", "\3Floe"s))), "Ice - Floe");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\0Floe"s))), "Floe");
  EXPECT_EQ(Title(Tag(3, Frame23("TPE1", "\0Ice"s))), "");
}

TEST(Id3v2, TheOldLayoutOfThreeLettersIsKnown) {
  const std::string frames =
      "TT2"s + EightBits(5, 3) + "\0Floe"s + "TP1" + EightBits(4, 3) + "\0Ice"s;
  EXPECT_EQ(Title(Tag(2, frames)), "Ice - Floe");
}

TEST(Id3v2, TextIsOfFourCharsets) {
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\0Gr\xfc\xdf"s))), "Grüß");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\1\xff\xfeG\0r\0\xfc\0\xdf\0"s))), "Grüß");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\1\xfe\xff\0G\0r\0\xfc\0\xdf"s))), "Grüß");
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", "\2\0G\0r\0\xfc\0\xdf"s))), "Grüß");
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", "\3Gr\xc3\xbc\xc3\x9f"s))), "Grüß");
}

TEST(Id3v2, WhatManyMarkAsLatinOneAndIsUtf8IsTakenForThat) {
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\0Gr\xc3\xbc\xc3\x9f"s))), "Grüß");
}

TEST(Id3v2, CharactersBeyondTheFirst65536AreTwoUnitsAndHalfOfOneIsReplaced) {
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\1\xff\xfe\x3d\xd8\x0a\xde"s))), "😊");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\1\xff\xfe\x3d\xd8!\0"s))), "\xef\xbf\xbd!");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\1\xff\xfe\x3d\xd8"s))), "\xef\xbf\xbd");
}

TEST(Id3v2, OfSeveralTextsTheFirstCounts) {
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", "\3Floe\0Other"s))), "Floe");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\0Floe\0"s))), "Floe");
}

TEST(Id3v2, WhatAnEncoderPutBetweenIsTakenOut) {
  // "\xff\xfe" would look like audio, so a 0 stands between.
  const std::string body = "\1\xff\x00\xfe\x46\x00"s;
  EXPECT_EQ(Title(Tag(3, "TIT2" + EightBits(body.size() - 1) + "\0\0"s + body, char(0x80))), "F");
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", body, "\0\2"s))), "F");
}

TEST(Id3v2, WhatStandsBeforeAFramesTextIsPassedOver) {
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", "\0\0\0\5\3Floe"s, "\0\1"s))), "Floe");
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", "g\3Floe"s, "\0\x40"s))), "Floe");
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "g\0Floe"s, "\0\x20"s))), "Floe");
}

TEST(Id3v2, FramesThatAreCompressedOrEncryptedSayNothing) {
  EXPECT_EQ(Title(Tag(3, Frame23("TIT2", "\0Floe"s, "\0\x80"s))), "");
  EXPECT_EQ(Title(Tag(4, Frame24("TIT2", "\3Floe"s, "\0\x08"s))), "");
}

TEST(Id3v2, AnExtendedHeaderIsPassedOver) {
  const std::string extended3 = EightBits(6) + std::string(6, '\0');
  EXPECT_EQ(Title(Tag(3, extended3 + Frame23("TIT2", "\0Floe"s), 0x40)), "Floe");
  const std::string extended4 = SevenBits(6) + std::string(2, '\0');
  EXPECT_EQ(Title(Tag(4, extended4 + Frame24("TIT2", "\3Floe"s), 0x40)), "Floe");
}

TEST(Id3v2, ATornTagSaysWhatStandsBeforeTheTear) {
  const std::string whole = Tag(3, Frame23("TIT2", "\0Floe"s) + Frame23("TPE1", "\0Ice"s));
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string said = Title(whole.substr(0, size));
    EXPECT_TRUE(said.empty() || said == "Floe") << size;
  }
}

TEST(Id3v1, FieldsArePaddedWithBlanksOrZeros) {
  std::string tag = "TAG" + std::string("Floe") + std::string(26, ' ') + "Ice" +
                    std::string(27, '\0') + std::string(65, 'x');
  ASSERT_EQ(tag.size(), kId3v1Bytes);
  EXPECT_EQ(TitleOfId3v1(AsBytes("audio" + tag)), "Ice - Floe");
  EXPECT_EQ(TitleOfId3v1(AsBytes(tag.substr(1))), "");
  tag[0] = 'x';
  EXPECT_EQ(TitleOfId3v1(AsBytes(tag)), "");
}

}  // namespace
}  // namespace floe::audio
