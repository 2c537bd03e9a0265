// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace floe::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// 192.0.2.7
Address APeer() { return {.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}}; }

TEST(PlaylistLine, IsAsIcecastWritesIt) {
  const PlaylistLine line{.mount = "/live", .listeners = 12, .metadata = "A | \"B\" \\"};
  EXPECT_THAT(
      line.ToString(absl::UnixEpoch()),
      MatchesRegex(R"([0-9]+/[A-Z][a-z]+/19[0-9]+:[0-9:]+ [+-][0-9]+\|/live\|12\|A \| "B" \\)"));
}

TEST(PlaylistLine, ATitleCannotForgeALine) {
  const PlaylistLine line{.mount = "/a|b", .listeners = 0, .metadata = "x\n1/Jan|/live|5|y"};
  const std::string text = line.ToString(absl::UnixEpoch());
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, EndsWith(R"(|/a\x7cb|0|x\x0a1/Jan|/live|5|y)"));
}

TEST(PlaylistLine, IsOneJsonObjectWhenAsked) {
  const PlaylistLine line{.mount = "/live", .listeners = 12, .metadata = "caf\xe9 \"x\""};
  EXPECT_EQ(line.ToJson(absl::UnixEpoch()),
            "{\"time\":\"1970-01-01T00:00:00+00:00\",\"mount\":\"/live\",\"listeners\":12,"
            "\"metadata\":\"caf\uFFFD \\\"x\\\"\"}");
}

TEST(AuthLine, SaysWhoAskedForWhatAndWhatCameOfIt) {
  const AuthLine line{
      .peer = APeer(), .user = "two words", .request = "PUT /live HTTP/1.1", .outcome = "granted"};
  EXPECT_THAT(line.ToString(absl::UnixEpoch()),
              MatchesRegex(R"(192\.0\.2\.7 - two_words \[.*\] "PUT /live HTTP/1.1" granted)"));
}

TEST(AuthLine, OfNobodyAndNoRequestHasDashes) {
  const AuthLine line{.peer = APeer(), .user = "", .request = "", .outcome = "refused"};
  EXPECT_THAT(line.ToString(absl::UnixEpoch()),
              MatchesRegex(R"(192\.0\.2\.7 - - \[.*\] "-" refused)"));
}

TEST(AuthLine, IsOneJsonObjectWhenAsked) {
  const AuthLine line{
      .peer = APeer(), .user = "ann", .request = "GET /\" HTTP/1.1", .outcome = "locked out"};
  EXPECT_EQ(line.ToJson(absl::UnixEpoch()),
            R"({"time":"1970-01-01T00:00:00+00:00","peer":"192.0.2.7","user":"ann",)"
            R"("request":"GET /\" HTTP/1.1","outcome":"locked out"})");
}

}  // namespace
}  // namespace floe::log
