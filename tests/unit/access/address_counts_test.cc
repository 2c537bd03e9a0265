// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/address_counts.h"

#include <gtest/gtest.h>

namespace floe::access {
namespace {

House Of(absl::string_view text) { return HouseOf(Address::Parse(text).value()); }

TEST(AddressCounts, NoMoreThanTheLimitsTakeASeat) {
  AddressCounts counts;
  const AddressLimits limits = {.of_all = 2, .of_mount = 1};
  EXPECT_TRUE(counts.Take(Of("192.0.2.7"), "/a", limits));
  EXPECT_FALSE(counts.Take(Of("192.0.2.7"), "/a", limits));
  EXPECT_TRUE(counts.Take(Of("192.0.2.7"), "/b", limits));
  EXPECT_FALSE(counts.Take(Of("192.0.2.7"), "/c", limits));
  EXPECT_TRUE(counts.Take(Of("192.0.2.8"), "/a", limits));
}

TEST(AddressCounts, WhatIsGivenBackMayBeTakenAndWhoIsNoMoreIsForgotten) {
  AddressCounts counts;
  const AddressLimits limits = {.of_all = 1};
  EXPECT_TRUE(counts.Take(Of("192.0.2.7"), "/a", limits));
  counts.GiveBack(Of("192.0.2.7"), "/a");
  EXPECT_EQ(counts.houses(), 0u);
  EXPECT_TRUE(counts.Take(Of("192.0.2.7"), "/a", limits));
}

TEST(AddressCounts, AHouseOfIpv6IsCountedAsOne) {
  AddressCounts counts;
  counts.Add(Of("2001:db8::1"), "/a");
  counts.Add(Of("2001:db8::2"), "/a");
  EXPECT_EQ(counts.Of(Of("2001:db8::3")), 2u);
  EXPECT_EQ(counts.Of(Of("2001:db8::3"), "/a"), 2u);
  EXPECT_EQ(counts.Of(Of("2001:db8::3"), "/b"), 0u);
  EXPECT_EQ(counts.Of(Of("2001:db8:0:1::3")), 0u);
}

}  // namespace
}  // namespace floe::access
