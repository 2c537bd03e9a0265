// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/cross_site.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

bool IsCrossSiteWith(absl::string_view headers) {
  const std::string head = absl::StrCat(
      "GET /admin/killclient HTTP/1.1\r\nHost: radio.example:8000", "\r\n", headers, "\r\n");
  return IsCrossSite(ParseHead(head).value());
}

TEST(CrossSite, AToolThatSendsNeitherHeaderIsNoBrowser) { EXPECT_FALSE(IsCrossSiteWith("")); }

TEST(CrossSite, ThePageOfTheServerItselfMayAsk) {
  EXPECT_FALSE(IsCrossSiteWith("Sec-Fetch-Site: same-origin\r\n"));
  EXPECT_FALSE(IsCrossSiteWith("Sec-Fetch-Site: none\r\n"));
  EXPECT_FALSE(IsCrossSiteWith("Origin: http://radio.example:8000\r\n"));
  EXPECT_FALSE(IsCrossSiteWith("Origin: https://RADIO.example:8000\r\n"));
}

TEST(CrossSite, APageOfAnotherSiteMayNot) {
  EXPECT_TRUE(IsCrossSiteWith("Sec-Fetch-Site: cross-site\r\n"));
  EXPECT_TRUE(IsCrossSiteWith("Sec-Fetch-Site: same-site\r\n"));
  EXPECT_TRUE(IsCrossSiteWith("Origin: http://evil.example\r\n"));
  EXPECT_TRUE(IsCrossSiteWith("Origin: http://radio.example\r\n"));  // another port
  EXPECT_TRUE(IsCrossSiteWith("Origin: null\r\n"));
}

TEST(CrossSite, TheBrowsersOwnWordCountsMoreThanTheOrigin) {
  EXPECT_TRUE(
      IsCrossSiteWith("Sec-Fetch-Site: cross-site\r\nOrigin: http://radio.example:8000\r\n"));
}

TEST(CrossSite, WhoSaysTwoThingsIsNotBelieved) {
  EXPECT_TRUE(
      IsCrossSiteWith("Origin: http://radio.example:8000\r\nOrigin: http://evil.example\r\n"));
  EXPECT_TRUE(IsCrossSiteWith("Sec-Fetch-Site: none\r\nSec-Fetch-Site: none\r\n"));
}

}  // namespace
}  // namespace floe::http
