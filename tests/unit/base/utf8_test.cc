// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include "gtest/gtest.h"

namespace floe {
namespace {

TEST(Utf8, TextOfAllLengthsOfCharactersIsUtf8) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain ASCII, longer than a word of eight bytes"));
  EXPECT_TRUE(IsUtf8("Beyonc\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb5"));
  EXPECT_TRUE(IsUtf8("\xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf"));  // around the surrogates; last
}

TEST(Utf8, WhatADecoderMustRefuseIsRefused) {
  EXPECT_FALSE(IsUtf8("caf\xe9"));           // Latin-1
  EXPECT_FALSE(IsUtf8("\x80"));              // a continuation of nothing
  EXPECT_FALSE(IsUtf8("\xc0\xaf"));          // '/' in an overlong form
  EXPECT_FALSE(IsUtf8("\xe0\x80\xaf"));      // the same, longer
  EXPECT_FALSE(IsUtf8("\xf0\x80\x80\xaf"));  // and longer
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(IsUtf8("\xf5\x80\x80\x80"));  // no such lead byte
  EXPECT_FALSE(IsUtf8("\xe2\x82"));          // cut off
  EXPECT_FALSE(IsUtf8("12345678\xff"));      // behind the fast part
  EXPECT_FALSE(IsUtf8("\xe2\x28\xa1 in front of it"));
}

TEST(Utf8, ACutNeverSplitsACharacter) {
  const absl::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5";  // 1, 2, 3 and 4 bytes
  for (size_t bytes_max = 0; bytes_max <= text.size() + 1; ++bytes_max) {
    const absl::string_view cut = CutUtf8(text, bytes_max);
    EXPECT_TRUE(IsUtf8(cut)) << bytes_max;
    EXPECT_LE(cut.size(), bytes_max);
    EXPECT_GT(cut.size() + 4, std::min(bytes_max, text.size())) << "gives up too much";
  }
  EXPECT_EQ(CutUtf8(text, text.size()), text);
  EXPECT_EQ(CutUtf8(text, 2), "a");
  EXPECT_EQ(CutUtf8(text, 3), "a\xc3\xa9");
}

TEST(Utf8, ACutOfBrokenTextGivesUpThreeBytesAtMost) {
  const std::string broken(100, '\x80');
  EXPECT_EQ(CutUtf8(broken, 50).size(), 47u);
}

}  // namespace
}  // namespace floe
