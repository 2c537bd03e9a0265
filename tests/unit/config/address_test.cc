// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace floe::config {
namespace {

using ::testing::HasSubstr;

std::string WhyNot(absl::string_view text) {
  const absl::StatusOr<SocketAddress> address = ParseAddress(text);
  EXPECT_FALSE(address.ok()) << text;
  return std::string(address.status().message());
}

TEST(Address, AnIpv4AddressIsReadyToBind) {
  const absl::StatusOr<SocketAddress> address = ParseAddress("127.0.0.1:8000");
  ASSERT_TRUE(address.ok()) << address.status();
  ASSERT_EQ(address->size_bytes, sizeof(sockaddr_in));
  sockaddr_in in;
  std::memcpy(&in, address->get(), sizeof(in));
  EXPECT_EQ(in.sin_family, AF_INET);
  EXPECT_EQ(ntohs(in.sin_port), 8000);
  EXPECT_EQ(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
}

TEST(Address, AnIpv6AddressStandsInBrackets) {
  const absl::StatusOr<SocketAddress> address = ParseAddress("[::1]:65535");
  ASSERT_TRUE(address.ok()) << address.status();
  ASSERT_EQ(address->size_bytes, sizeof(sockaddr_in6));
  sockaddr_in6 in6;
  std::memcpy(&in6, address->get(), sizeof(in6));
  EXPECT_EQ(in6.sin6_family, AF_INET6);
  EXPECT_EQ(PortOf(*address), 65535);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr));
}

TEST(Address, OneAddressInTwoSpellingsIsOneAddress) {
  EXPECT_EQ(*ParseAddress("[::]:8000"), *ParseAddress("[0:0:0:0:0:0:0:0]:8000"));
  EXPECT_FALSE(*ParseAddress("[::]:8000") == *ParseAddress("[::]:8001"));
  EXPECT_FALSE(*ParseAddress("[::]:8000") == *ParseAddress("0.0.0.0:8000"));
}

TEST(Address, AMissingPartIsSuggested) {
  EXPECT_THAT(WhyNot("8000"), HasSubstr("did you mean \"0.0.0.0:8000\"?"));
  EXPECT_THAT(WhyNot(":8000"), HasSubstr("did you mean \"0.0.0.0:8000\"?"));
  EXPECT_THAT(WhyNot("*:8000"), HasSubstr("did you mean \"0.0.0.0:8000\"?"));
  EXPECT_THAT(WhyNot("10.0.0.1"), HasSubstr("did you mean \"10.0.0.1:8000\"?"));
  EXPECT_THAT(WhyNot("::1"), HasSubstr("did you mean \"[::1]:8000\"?"));
  EXPECT_THAT(WhyNot("localhost:8000"), HasSubstr("did you mean \"127.0.0.1:8000\"?"));
}

TEST(Address, WhatIsNotNumericIsRefused) {
  EXPECT_THAT(WhyNot("radio.example.com:80"), HasSubstr("names are not looked up"));
  EXPECT_THAT(WhyNot("256.0.0.1:80"), HasSubstr("names are not looked up"));
  EXPECT_THAT(WhyNot("[::g]:80"), HasSubstr("no IPv6 address"));
  EXPECT_THAT(WhyNot("unix:/run/floe.sock"), HasSubstr("Unix sockets"));
  EXPECT_THAT(WhyNot("/run/floe.sock"), HasSubstr("Unix sockets"));
  for (const absl::string_view port : {"65536", "-1", "80a", "", "99999999999999999999"}) {
    EXPECT_THAT(WhyNot("0.0.0.0:" + std::string(port)), HasSubstr("port")) << port;
  }
  for (const absl::string_view text : {"", ":", "[", "]", "[]", "[]:80", "[:80", "[::1]80",
                                       "[::1:80", "a]:80", "1.2.3.4:5:6", "0.0.0.0:80 "}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace floe::config
