// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/config_ref.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace floe::config {
namespace {

ConfigRef Named(int number) {
  Config config;
  config.server.hostname = absl::StrCat("host", number);
  config.limits.sources = uint32_t(number);
  return ConfigRef::Of(std::move(config));
}

TEST(LiveConfig, WhoHoldsAConfigurationKeepsItWhenAnotherHolds) {
  LiveConfig live;
  live.Set(Named(1));
  const ConfigRef before = live.Get();
  live.Set(Named(2));
  EXPECT_EQ(before->server.hostname, "host1");
  EXPECT_EQ(live.Get()->server.hostname, "host2");
}

TEST(LiveConfig, WhoRenewsHasWhatHoldsAndIsToldWhetherItIsNew) {
  LiveConfig live;
  live.Set(Named(1));
  ConfigRef known = live.Get();
  EXPECT_FALSE(live.Renew(&known));
  live.Set(Named(2));
  EXPECT_TRUE(live.IsNewer(known));
  EXPECT_TRUE(live.Renew(&known));
  EXPECT_EQ(known->limits.sources, 2u);
  EXPECT_FALSE(live.IsNewer(known));
}

// What is torn or freed too soon the sanitizers see as well.
TEST(LiveConfig, ThreadsThatReadWhileItChangesSeeOneConfigurationWhole) {
  LiveConfig live;
  live.Set(Named(0));
  std::atomic<bool> is_over{false};
  std::atomic<int> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      ConfigRef renewed = live.Get();
      while (!is_over) {
        const ConfigRef fresh = live.Get();
        live.Renew(&renewed);
        EXPECT_EQ(fresh->server.hostname, absl::StrCat("host", fresh->limits.sources));
        EXPECT_EQ(renewed->server.hostname, absl::StrCat("host", renewed->limits.sources));
        ++reads;
      }
    });
  }
  for (int i = 1; i < 1'000 || reads < 1'000; ++i) live.Set(Named(i % 1'000));
  is_over = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace floe::config
