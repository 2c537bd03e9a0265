// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "gtest/gtest.h"

namespace floe {
namespace {

sockaddr_storage V4(const char* host, uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  inet_pton(AF_INET, host, &v4.sin_addr);
  sockaddr_storage storage{};
  std::memcpy(&storage, &v4, sizeof(v4));
  return storage;
}

sockaddr_storage V6(const char* host, uint16_t port) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  inet_pton(AF_INET6, host, &v6.sin6_addr);
  sockaddr_storage storage{};
  std::memcpy(&storage, &v6, sizeof(v6));
  return storage;
}

TEST(Address, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(Address::From(V4("192.0.2.7", 8000)).Host(), "192.0.2.7");
  EXPECT_EQ(Address::From(V4("192.0.2.7", 8000)).HostAndPort(), "192.0.2.7:8000");
  EXPECT_EQ(Address::From(V6("2001:db8::1", 443)).Host(), "2001:db8::1");
  EXPECT_EQ(Address::From(V6("2001:db8::1", 443)).HostAndPort(), "[2001:db8::1]:443");
}

TEST(Address, OnePeerHasOneSpellingOnEverySocket) {
  EXPECT_EQ(Address::From(V4("192.0.2.7", 1)), Address::From(V6("::ffff:192.0.2.7", 1)));
}

}  // namespace
}  // namespace floe
