// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/wire/address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace floe::tools {
namespace {

using testing::HasSubstr;

uint32_t Ip(const Address& address) {
  return ntohl(reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr.s_addr);
}

TEST(Address, AMillionListenersHaveAFewHundredPortsOfEachSourceToShare) {
  std::map<uint32_t, uint32_t> listeners_of;
  for (uint64_t i = 0; i < 1'000'000; ++i) ++listeners_of[Ip(LoopbackSource(i))];
  for (const auto& [ip, listeners] : listeners_of) {
    EXPECT_EQ(ip >> 24, 127u);
    EXPECT_LE(listeners, 1'000u);
    EXPECT_NE(ip & 0xFF, 0u);
    EXPECT_NE(ip & 0xFF, 0xFFu);
    EXPECT_NE(ip, uint32_t{INADDR_LOOPBACK});  // where the server and the source are
  }
}

TEST(Address, AHostNeedsItsPort) {
  EXPECT_TRUE(Address::Resolve("127.0.0.1:8000")->IsLoopback4());
  EXPECT_TRUE(Address::Resolve("http://127.0.0.1:8000/").ok());
  EXPECT_EQ(Address::Resolve("[::1]:8000")->family(), AF_INET6);
  EXPECT_THAT(Address::Resolve("127.0.0.1").status().message(), HasSubstr("names no port"));
  EXPECT_THAT(Address::Resolve("[::1]").status().message(), HasSubstr("names no port"));
}

TEST(Address, AMountIsItsPatternWithTheNumber) {
  EXPECT_EQ(MountPath("/load%d", 17), "/load17");
  EXPECT_EQ(MountPath("/live", 17), "/live");
}

}  // namespace
}  // namespace floe::tools
