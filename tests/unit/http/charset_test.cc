// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/charset.h"

#include <string>

#include "gtest/gtest.h"

namespace floe::http {
namespace {

TEST(ToUtf8, Utf8IsKeptWhateverCharsetIsClaimed) {
  EXPECT_EQ(ToUtf8("Beyonc\xc3\xa9"), "Beyonc\xc3\xa9");
  EXPECT_EQ(ToUtf8("Beyonc\xc3\xa9", "ISO-8859-1"), "Beyonc\xc3\xa9");
  EXPECT_EQ(ToUtf8(""), "");
}

TEST(ToUtf8, OtherBytesAreOfTheGivenCharset) {
  EXPECT_EQ(ToUtf8("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"),
            "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");  // Russian
  EXPECT_EQ(ToUtf8("\x93\xfa\x96\x7b", "Shift_JIS"), "\xe6\x97\xa5\xe6\x9c\xac");
  EXPECT_EQ(ToUtf8("\xa4", "ISO-8859-15"), "\xe2\x82\xac");
  EXPECT_EQ(ToUtf8("caf\xe9", "latin1"), "caf\xc3\xa9");
}

TEST(ToUtf8, WithoutACharsetTheyAreLatin1) {
  EXPECT_EQ(ToUtf8("Caf\xe9 M\xfcller"), "Caf\xc3\xa9 M\xc3\xbcller");
  EXPECT_EQ(ToUtf8("caf\xe9", "no-such-charset"), "caf\xc3\xa9");
  EXPECT_EQ(ToUtf8("caf\xe9", "UTF-8"), "caf\xc3\xa9") << "the claim does not hold";
}

TEST(ToUtf8, QuotesOfWindowsAreQuotes) {
  EXPECT_EQ(ToUtf8("Don\x92t \x84x\x93 \x80"),
            "Don\xe2\x80\x99t \xe2\x80\x9ex\xe2\x80\x9c \xe2\x82\xac");
  EXPECT_EQ(ToUtf8("a\x81"
                   "b\xe9"),
            "a b\xc3\xa9")
      << "what Windows-1252 has not is a space";
}

TEST(ToUtf8, ATitleCutWithinACharacterIsStillUtf8) {
  EXPECT_EQ(ToUtf8("\xd0\x9f\xd1\x80\xd0"), "\xd0\x9f\xd1\x80\xef\xbf\xbd");
}

TEST(ToUtf8, BytesTheCharsetHasNotAreReplaced) {
  EXPECT_EQ(ToUtf8("\x93\xfa\xff", "Shift_JIS"), "\xe6\x97\xa5\xef\xbf\xbd");
  EXPECT_EQ(ToUtf8("\x93\xfa\x96", "Shift_JIS"), "\xe6\x97\xa5\xef\xbf\xbd") << "cut off";
  EXPECT_EQ(ToUtf8("\xff", "KOI8-R"), "\xd0\xaa");
}

TEST(ToUtf8, ControlCharactersBecomeSpaces) {
  EXPECT_EQ(ToUtf8("a\r\nb\tc\x7f"), "a  b c ");
  EXPECT_EQ(ToUtf8(absl::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(ToUtf8("a\xc2\x85"
                   "b\xc2\x9f\xc2\xa0"),
            "a b \xc2\xa0")
      << "Latin-1's upper ones";
}

TEST(ToUtf8, ByteOrderMarksAtTheFrontGo) {
  EXPECT_EQ(ToUtf8("\xef\xbb\xbfJazz"), "Jazz");
  EXPECT_EQ(ToUtf8("\xef\xbb\xbf\xef\xbb\xbfJazz"), "Jazz") << "twice converted, twice marked";
}

TEST(ToUtf8, NamesOfCharsetsCannotReachBeyondIconv) {
  for (const absl::string_view charset :
       {"../../etc/passwd", "UTF-16//TRANSLIT", "a,b", " ", "x\n"}) {
    EXPECT_EQ(ToUtf8("caf\xe9", charset), "caf\xc3\xa9") << charset;
  }
  EXPECT_EQ(ToUtf8("caf\xe9", std::string(1000, 'x')), "caf\xc3\xa9");
}

TEST(ToUtf8, AHundredKilobytesOfTitleAreConvertedWhole) {
  EXPECT_EQ(ToUtf8(std::string(100'000, '\xe9')).size(), 200'000u);
  EXPECT_EQ(ToUtf8(std::string(100'000, '\xe0'), "windows-1251").size(), 200'000u);
}

}  // namespace
}  // namespace floe::http
