// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/ban_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace floe::access {
namespace {

using testing::ElementsAre;

Address At(absl::string_view text) { return Address::Parse(text).value(); }

TEST(BanFile, HasANetworkALineAndComments) {
  const BanFile file = ParseBanFile("# who\n192.0.2.0/24 # noise\n\n  2001:db8::7\t\r\n10.0.0.1");
  EXPECT_THAT(file.problems, ElementsAre());
  EXPECT_TRUE(file.cidrs.Contains(At("192.0.2.9")));
  EXPECT_TRUE(file.cidrs.Contains(At("2001:db8::7")));
  EXPECT_TRUE(file.cidrs.Contains(At("10.0.0.1")));
  EXPECT_FALSE(file.cidrs.Contains(At("10.0.0.2")));
}

TEST(BanFile, ABrokenLineSpoilsNoOther) {
  const BanFile file = ParseBanFile("10.0.0.1\nradio.example\n10.0.0.2/40\n10.0.0.3\n");
  EXPECT_THAT(file.problems, ElementsAre("line 2 is no address of IPv4 or IPv6",
                                         "line 3 has no length from 0 to 32 after its '/'"));
  EXPECT_TRUE(file.cidrs.Contains(At("10.0.0.1")));
  EXPECT_TRUE(file.cidrs.Contains(At("10.0.0.3")));
}

TEST(BanFile, OfManyBrokenLinesSomeAreTold) {
  std::string text;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, "x\n");
  EXPECT_EQ(ParseBanFile(text).problems.size(), kBanFileProblemsMax);
}

TEST(BanFile, IsSeenToChange) {
  char folder[] = "/tmp/floe-ban-file-XXXXXX";
  const std::string path = absl::StrCat(mkdtemp(folder), "/bans");
  BanFileWatch watch;
  EXPECT_TRUE(watch.HasChanged("")) << "the first time there is something to find out";
  EXPECT_FALSE(watch.HasChanged(""));
  EXPECT_TRUE(watch.HasChanged(path));
  EXPECT_FALSE(watch.HasChanged(path));
  std::ofstream(path) << "10.0.0.1\n";
  EXPECT_TRUE(watch.HasChanged(path));
  EXPECT_FALSE(watch.HasChanged(path));
  std::ofstream(path) << "10.0.0.1\n10.0.0.2\n";
  EXPECT_TRUE(watch.HasChanged(path));
  std::filesystem::remove(path);
  EXPECT_TRUE(watch.HasChanged(path));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace floe::access
