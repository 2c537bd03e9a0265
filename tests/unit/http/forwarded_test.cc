// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/forwarded.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace floe::http {
namespace {

// Who asks, when 10.0.0.0/8 are trusted proxies and 10.0.0.1 is the nearest.
std::string AskerOf(const std::string& headers, const std::string& nearest = "10.0.0.1") {
  const absl::StatusOr<Request> request =
      ParseHead(absl::StrCat("GET /live HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
  EXPECT_TRUE(request.ok()) << request.status();
  const auto is_trusted = [](const Address& address) {
    return absl::StartsWith(address.Host(), "10.");
  };
  const Address asks =
      ForwardedFor(Address::Parse(nearest).value(), ForwardedHops(*request), is_trusted);
  return asks.port == 0 ? asks.Host() : asks.HostAndPort();
}

TEST(Forwarded, TheNearestThatIsNotTrustedAsks) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 192.0.2.7\r\n"), "192.0.2.7");
  EXPECT_EQ(AskerOf("X-Forwarded-For: 192.0.2.7, 10.0.0.2\r\n"), "192.0.2.7");
  EXPECT_EQ(AskerOf("X-Forwarded-For: 203.0.113.1, 192.0.2.7, 10.0.0.2\r\n"), "192.0.2.7")
      << "what it says of itself is not believed";
  EXPECT_EQ(AskerOf("X-Real-IP: 192.0.2.7\r\n"), "192.0.2.7");
  EXPECT_EQ(AskerOf(""), "10.0.0.1");
}

TEST(Forwarded, WhoIsNotTrustedIsNotHeard) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 127.0.0.1\r\n", "198.51.100.9"), "198.51.100.9");
  EXPECT_EQ(AskerOf("Forwarded: for=127.0.0.1\r\n", "198.51.100.9"), "198.51.100.9");
}

TEST(Forwarded, SeveralHeadersAreOneList) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 203.0.113.1\r\nX-Forwarded-For: 192.0.2.7\r\n"), "192.0.2.7");
}

TEST(Forwarded, TheStandardHeaderIsStrongerThanTheOthers) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 203.0.113.1\r\nForwarded: for=192.0.2.7\r\n"), "192.0.2.7");
  EXPECT_EQ(AskerOf("Forwarded: proto=http;For=\"[2001:db8::7]:4711\";by=10.0.0.1\r\n"),
            "[2001:db8::7]:4711");
  EXPECT_EQ(AskerOf("Forwarded: for=192.0.2.7;host=\"a,b;for=1.2.3.4\", for=10.0.0.2\r\n"),
            "192.0.2.7");
}

TEST(Forwarded, APortMayFollow) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 192.0.2.7:4711\r\n"), "192.0.2.7:4711");
  EXPECT_EQ(AskerOf("X-Forwarded-For: 2001:db8::7\r\n"), "2001:db8::7");
}

TEST(Forwarded, BeyondOneThatCannotBeReadNobodyIsBelieved) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 192.0.2.7, unknown, 10.0.0.2\r\n"), "10.0.0.2");
  EXPECT_EQ(AskerOf("X-Forwarded-For: 192.0.2.7,\r\n"), "10.0.0.1");
  EXPECT_EQ(AskerOf("Forwarded: for=_hidden\r\n"), "10.0.0.1");
  EXPECT_EQ(AskerOf("Forwarded: by=192.0.2.7\r\n"), "10.0.0.1");
  EXPECT_EQ(AskerOf("X-Real-IP: 192.0.2.7]\r\n"), "10.0.0.1");
}

TEST(Forwarded, WhereAllAreTrustedTheFarthestAsks) {
  EXPECT_EQ(AskerOf("X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n"), "10.0.0.3");
}

TEST(Forwarded, NoMoreHopsAreLookedAtThanThereCanBe) {
  std::string list = "X-Forwarded-For: 192.0.2.7";
  for (size_t i = 0; i < kForwardedHopsMax; ++i) absl::StrAppend(&list, ",10.0.0.2");
  EXPECT_EQ(AskerOf(list + "\r\n"), "10.0.0.2");
}

}  // namespace
}  // namespace floe::http
