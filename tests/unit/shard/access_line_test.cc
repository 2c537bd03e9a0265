// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/access_line.h"

#include <netinet/in.h>

#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::shard {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

AccessLine OfALongListener() {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0xc0000207);  // 192.0.2.7
  sockaddr_storage from{};
  std::memcpy(&from, &v4, sizeof(v4));
  return {.peer = Address::From(from),
          .user = "ann",
          .request = "GET /live HTTP/1.1",
          .status = 200,
          .bytes = 123456,
          .referer = "",
          .agent = "VLC/3.0.18",
          .lasted = absl::Seconds(61)};
}

TEST(AccessLine, IsTheCombinedFormatWithSeconds) {
  const std::string line = OfALongListener().ToString(absl::FromUnixSeconds(1'800'000'000));
  EXPECT_THAT(line, StartsWith("192.0.2.7 - ann ["));
  EXPECT_THAT(line, EndsWith(R"("GET /live HTTP/1.1" 200 123456 "-" "VLC/3.0.18" 61)"));
}

TEST(AccessLine, WhatOthersWroteCannotForgeALine) {
  AccessLine line = OfALongListener();
  line.agent = "x\" 200 1 \"-\n127.0.0.1 - - [";
  line.user = "two words";
  const std::string text = line.ToString(absl::UnixEpoch());
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, HasSubstr(R"(x\" 200 1 \"-\x0a127.0.0.1)"));
  EXPECT_THAT(text, HasSubstr("- two_words ["));
}

TEST(AccessLine, IsOneJsonObjectWhenAsked) {
  AccessLine line = OfALongListener();
  line.agent = "a\"b\n";
  EXPECT_EQ(line.ToJson(absl::UnixEpoch()),
            R"({"time":"1970-01-01T00:00:00+00:00","peer":"192.0.2.7","user":"ann",)"
            R"("request":"GET /live HTTP/1.1","status":200,"bytes":123456,"referer":"",)"
            R"("agent":"a\"b\u000a","seconds":61})");
}

TEST(AccessLine, IsUtf8AsJsonWhateverAPlayerCallsItself) {
  AccessLine line = OfALongListener();
  line.agent = "caf\xe9 d\xc3\xa9j\xc3\xa0 \xf0\x9f\x8e";
  EXPECT_THAT(line.ToJson(absl::UnixEpoch()), HasSubstr("\"agent\":\"caf\uFFFD d\u00e9j\u00e0 "));
  EXPECT_THAT(line.ToJson(absl::UnixEpoch()), HasSubstr("\uFFFD\uFFFD\uFFFD\""));
}

}  // namespace
}  // namespace floe::shard
