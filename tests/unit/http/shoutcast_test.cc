// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/shoutcast.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "gtest/gtest.h"
#include "http/source_headers.h"
#include "http/status.h"

namespace floe::http {
namespace {

PasswordLine Parsed(absl::string_view line) {
  absl::StatusOr<PasswordLine> parsed = ParsePasswordLine(line);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : PasswordLine{};
}

TEST(PasswordLine, APlainPasswordEndsInAnyWay) {
  for (const absl::string_view line : {"hackme\r\n", "hackme\n", "hackme\r\r\n", "hackme"}) {
    const PasswordLine parsed = Parsed(line);
    EXPECT_EQ(parsed.whole, "hackme");
    EXPECT_EQ(parsed.password, "hackme");
    EXPECT_EQ(parsed.user, "");
    EXPECT_EQ(parsed.mount, "");
    EXPECT_EQ(parsed.stream_id, 0u);
    EXPECT_FALSE(parsed.is_probe);
  }
}

TEST(PasswordLine, ADjIsNamedBeforeTheColon) {
  const PasswordLine parsed = Parsed("dj:pw:with:colons\r\n");
  EXPECT_EQ(parsed.user, "dj");
  EXPECT_EQ(parsed.password, "pw:with:colons");
  EXPECT_EQ(parsed.whole, "dj:pw:with:colons") << "which may be all password";
}

TEST(PasswordLine, AMountIsNamedBeforeTheColonToo) {
  const PasswordLine parsed = Parsed("/live:hackme\r\n");
  EXPECT_EQ(parsed.mount, "/live");
  EXPECT_EQ(parsed.password, "hackme");
  EXPECT_EQ(Parsed("/slash and no colon\n").password, "/slash and no colon");
}

TEST(PasswordLine, AStreamsNumberIsNamedBehindThePassword) {
  EXPECT_EQ(Parsed("hackme:#2\r\n").stream_id, 2u);
  EXPECT_EQ(Parsed("hackme:#2\r\n").password, "hackme");
  EXPECT_EQ(Parsed("dj:hackme:#3\r\n").user, "dj");
  EXPECT_EQ(Parsed("dj:hackme:#3\r\n").password, "hackme");
  EXPECT_EQ(Parsed("pass:#word\r\n").stream_id, 0u);
}

TEST(PasswordLine, AProbeIsKnown) { EXPECT_TRUE(Parsed("!POKE\r\n").is_probe); }

TEST(PasswordLine, WhatCannotBeOneIsRefused) {
  for (const absl::string_view line : {"", "\r\n", "/../etc:pw\r\n", "/caf\xe9:pw\r\n"}) {
    EXPECT_EQ(HttpStatusOf(ParsePasswordLine(line).status()), 400) << line;
  }
  EXPECT_FALSE(ParsePasswordLine(std::string(kPasswordLineBytesMax + 1, 'x')).ok());
  EXPECT_FALSE(ParsePasswordLine(absl::StrCat("/", std::string(300, 'x'), ":pw")).ok());
}

TEST(IcyHeaders, AreReadWithoutSpacesAndWithoutColons) {
  const absl::StatusOr<HeaderList> headers = ParseIcyHeaders(
      "icy-name:Jazz\r\nicy-genre:\r\nnonsense\r\n folded\r\nicy-pub:1\r\nicy-br:128\r\n"
      "content-type:audio/mpeg\r\n\r\n");
  ASSERT_TRUE(headers.ok());
  EXPECT_EQ(headers->size(), 5u);
  const SourceHeaders source = ParseSourceHeaders(*headers);
  EXPECT_EQ(source.name, "Jazz");
  EXPECT_TRUE(source.is_public);
  EXPECT_EQ(source.bitrate_kbps, 128u);
  EXPECT_EQ(source.content_type, "audio/mpeg");
}

TEST(IcyHeaders, AStrayLineEndInFrontIsReadOver) {
  EXPECT_EQ(ParseIcyHeaders("\r\nicy-name:Jazz\r\n\r\n")->Find("icy-name"), "Jazz");
  EXPECT_TRUE(ParseIcyHeaders("\r\n\r\n")->empty());
}

TEST(IcyHeaders, AreBounded) {
  std::string block;
  for (uint32_t i = 0; i <= kRequestHeadersMax; ++i) block += "icy-name:x\r\n";
  EXPECT_EQ(HttpStatusOf(ParseIcyHeaders(block).status()), 431);
}

TEST(ShoutcastReplies, AreWhatEncodersWaitFor) {
  EXPECT_EQ(kShoutcastOk, "OK2\r\nicy-caps:11\r\n\r\n");
  EXPECT_EQ(kShoutcastInvalidPassword, "invalid password\r\n");
}

}  // namespace
}  // namespace floe::http
