// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/bans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace floe::access {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Cidr Of(absl::string_view text) { return Cidr::Parse(text).value(); }
Address At(absl::string_view text) { return Address::Parse(text).value(); }

class BansTest : public testing::Test {
 protected:
  BansTest() {
    char folder[] = "/tmp/floe-bans-XXXXXX";
    folder_ = mkdtemp(folder);
    path_ = absl::StrCat(folder_, "/bans.json");
  }
  ~BansTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_, path_;
};

TEST_F(BansTest, WhoIsInABannedNetworkIsBanned) {
  Bans bans;
  EXPECT_FALSE(bans.Contains(At("192.0.2.7")));
  ASSERT_TRUE(bans.Add(Of("192.0.2.0/24"), "noise").ok());
  EXPECT_TRUE(bans.Contains(At("192.0.2.7")));
  EXPECT_FALSE(bans.Contains(At("192.0.3.7")));
  EXPECT_EQ(bans.additions(), 1u);
  ASSERT_TRUE(bans.Remove(Of("192.0.2.0/24")).ok());
  EXPECT_FALSE(bans.Contains(At("192.0.2.7")));
  EXPECT_TRUE(absl::IsNotFound(bans.Remove(Of("192.0.2.0/24"))));
}

TEST_F(BansTest, ABanEndsWhenItsTimeIsOver) {
  Bans bans;
  ASSERT_TRUE(bans.Add(Of("::1"), "", absl::Now() - absl::Seconds(1)).ok());
  EXPECT_FALSE(bans.Contains(At("::1")));
  EXPECT_THAT(bans.List(), IsEmpty());
  ASSERT_TRUE(bans.Add(Of("::1"), "", absl::Now() + absl::Hours(1)).ok());
  EXPECT_TRUE(bans.Contains(At("::1")));
  EXPECT_EQ(bans.List().size(), 1u) << "a new one is in place of the old one";
}

TEST_F(BansTest, WhatEndsFirstEndsAlone) {
  Bans bans;
  ASSERT_TRUE(bans.Add(Of("192.0.2.7"), "", absl::Now() + absl::Milliseconds(20)).ok());
  ASSERT_TRUE(bans.Add(Of("192.0.2.8"), "", absl::Now() + absl::Hours(1)).ok());
  ASSERT_TRUE(bans.Add(Of("2001:db8::/32"), "").ok());
  absl::SleepFor(absl::Milliseconds(30));
  EXPECT_FALSE(bans.Contains(At("192.0.2.7")));
  EXPECT_TRUE(bans.Contains(At("192.0.2.8")));
  EXPECT_TRUE(bans.Contains(At("2001:db8::1")));
  EXPECT_EQ(bans.List().size(), 2u);
}

TEST_F(BansTest, ABanThatIsMadeAgainHoldsAsLongAsItSaysNow) {
  Bans bans;
  ASSERT_TRUE(bans.Add(Of("192.0.2.7"), "", absl::Now() + absl::Milliseconds(20)).ok());
  ASSERT_TRUE(bans.Add(Of("192.0.2.7"), "").ok());
  absl::SleepFor(absl::Milliseconds(30));
  EXPECT_TRUE(bans.Contains(At("192.0.2.7")));
}

TEST_F(BansTest, AReasonThatIsNoLineIsRefused) {
  Bans bans;
  EXPECT_TRUE(absl::IsInvalidArgument(bans.Add(Of("::1"), "two\nlines")));
  EXPECT_TRUE(absl::IsInvalidArgument(bans.Add(Of("::1"), std::string(300, 'x'))));
}

TEST_F(BansTest, TheyOutliveTheProcess) {
  {
    Bans bans;
    ASSERT_TRUE(bans.Load(path_).ok()) << "there need not be a file";
    ASSERT_TRUE(bans.Add(Of("10.0.0.0/8"), "a \"reason\"").ok());
    ASSERT_TRUE(bans.Add(Of("2001:db8::/32"), "", absl::Now() + absl::Hours(1)).ok());
    ASSERT_TRUE(bans.Save().ok());
  }
  Bans again;
  ASSERT_TRUE(again.Load(path_).ok());
  const std::vector<Ban> list = again.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].cidr, Of("10.0.0.0/8"));
  EXPECT_EQ(list[0].reason, "a \"reason\"");
  EXPECT_FALSE(list[0].until.has_value());
  EXPECT_TRUE(list[1].until.has_value());
  EXPECT_TRUE(again.Contains(At("10.1.2.3")));
}

TEST_F(BansTest, NothingIsWrittenWithoutNewsOrAPlace) {
  Bans bans;
  ASSERT_TRUE(bans.Add(Of("::1"), "").ok());
  EXPECT_TRUE(bans.Save().ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE(bans.Load(path_).ok());
  ASSERT_TRUE(bans.Save().ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(BansTest, AFileThatIsNoneIsRefusedWhole) {
  for (const char* text : {"", "[]", "{\"bans\": [{\"cidr\": \"::1\"}, {\"cidr\": \"here\"}]}",
                           "{\"bans\": 7}", "{\"bans\": [7]}"}) {
    std::ofstream(path_) << text;
    Bans bans;
    EXPECT_THAT(std::string(bans.Load(path_).message()), HasSubstr("is no list of bans")) << text;
    EXPECT_THAT(bans.List(), IsEmpty());
  }
}

}  // namespace
}  // namespace floe::access
