// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/escape.h"

#include <string>

#include "gtest/gtest.h"
#include "http/url.h"

namespace floe::http {
namespace {

TEST(EscapeXml, MarkupBecomesText) {
  EXPECT_EQ(EscapeXml("<a href=\"x\">R&B's</a>"),
            "&lt;a href=&quot;x&quot;&gt;R&amp;B&#39;s&lt;/a&gt;");
  EXPECT_EQ(EscapeXml("caf\xc3\xa9 \xf0\x9f\x8e\xb5"), "caf\xc3\xa9 \xf0\x9f\x8e\xb5");
}

TEST(EscapeXml, WhatXmlCannotHoldIsReplaced) {
  EXPECT_EQ(EscapeXml(absl::string_view("a\0b\x1b\tc\n", 7)), "a b \tc\n");
  EXPECT_EQ(EscapeXml("caf\xe9"), "caf\xef\xbf\xbd");
  EXPECT_EQ(EscapeXml("\xef\xbf\xbf"), "\xef\xbf\xbd");
}

TEST(QuoteJson, IsAStringWhateverItHolds) {
  EXPECT_EQ(QuoteJson("a \"b\" \\ é"), "\"a \\\"b\\\" \\\\ é\"");
  EXPECT_EQ(QuoteJson(absl::string_view("\0\n\x1f\x7f", 4)), "\"\\u0000\\u000a\\u001f\x7f\"");
  EXPECT_EQ(QuoteJson("\xff"), "\"\xef\xbf\xbd\"");
}

TEST(UrlEncode, AllButUnreservedCharactersAreEscaped) {
  EXPECT_EQ(UrlEncode("Az09-._~"), "Az09-._~");
  EXPECT_EQ(UrlEncode("/live & more?"), "%2Flive%20%26%20more%3F");
  EXPECT_EQ(UrlEncode("\xc3\xa9"), "%C3%A9");
}

TEST(UrlEncodePath, KeepsAPathReadable) {
  EXPECT_EQ(UrlEncodePath("/a/b.mp3"), "/a/b.mp3");
  EXPECT_EQ(UrlEncodePath("/jazz & soul?#%"), "/jazz%20&%20soul%3F%23%25");
}

TEST(UrlEncode, ComesBackAsItWas) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_EQ(PercentDecode(UrlEncode(all)), all);
  EXPECT_EQ(PercentDecode(UrlEncodePath(all)), all);
}

}  // namespace
}  // namespace floe::http
