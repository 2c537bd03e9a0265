// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/cidr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace floe {
namespace {

using testing::HasSubstr;

bool Contains(absl::string_view cidr, absl::string_view host) {
  return Cidr::Parse(cidr).value().Contains(Address::Parse(host).value());
}

TEST(Cidr, ANetworkHoldsWhatBeginsWithItsBits) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(Contains("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(Contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(Contains("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(Contains("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(Cidr, AnAddressAloneHoldsItself) {
  EXPECT_TRUE(Contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(Contains("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(Contains("::1", "::1"));
  EXPECT_FALSE(Contains("::1/128", "::2"));
}

TEST(Cidr, EverythingOfOneFamilyHoldsNothingOfTheOther) {
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(Contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(Contains("::/0", "203.0.113.9"));
  EXPECT_FALSE(Contains("::/96", "203.0.113.9"));
}

TEST(Cidr, AnAddressOfIpv4IsTheSameInBothSpellings) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(Contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_EQ(Cidr::Parse("::ffff:10.0.0.0/104").value(), Cidr::Parse("10.0.0.0/8").value());
}

TEST(Cidr, IsWrittenShortAndReadsBack) {
  for (const absl::string_view text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.7", "::/0",
                                       "2001:db8::/32", "::1", "fe80::/10", "128.0.0.0/1"}) {
    EXPECT_EQ(Cidr::Parse(text).value().ToString(), text);
  }
  EXPECT_EQ(Cidr::Parse("10.1.2.3/8").value().ToString(), "10.0.0.0/8");
  EXPECT_EQ(Cidr::Parse("2001:DB8:0::1/128").value().ToString(), "2001:db8::1");
}

TEST(Cidr, WhatIsNoNetworkIsRefused) {
  for (const absl::string_view text : {"",
                                       "/",
                                       "/8",
                                       "10.0.0.0/",
                                       "10.0.0.0/33",
                                       "10.0.0.0/-1",
                                       "10.0.0.0/+8",
                                       "10.0.0.0/ 8",
                                       "10.0.0.0/8 ",
                                       " 10.0.0.0/8",
                                       "10.0.0/8",
                                       "010.0.0.0/8",
                                       "10.0.0.0/8/8",
                                       "::/129",
                                       "::/",
                                       "[::1]",
                                       "::1%eth0",
                                       "::1:8000:",
                                       "host/8",
                                       "10.0.0.0/0008"}) {
    EXPECT_FALSE(Cidr::Parse(text).ok()) << text;
  }
  EXPECT_FALSE(Cidr::Parse(absl::string_view("10.0.0.1\0x", 10)).ok());
  EXPECT_THAT(std::string(Cidr::Parse("::ffff:0:0/90").status().message()),
              HasSubstr("say nothing"));
}

}  // namespace
}  // namespace floe
