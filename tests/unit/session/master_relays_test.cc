// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/master_relays.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/bounds.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::SizeIs;

config::Config WithMaster() {
  config::Config config;
  config.master.url = "http://origin.example:8000/";
  config.master.password = "secret";
  return config;
}

TEST(MasterRelays, AreOfTheMastersUrlAndLoginGoesAlong) {
  config::Config config = WithMaster();
  config.master.on_demand = true;
  const config::Relay relay = RelaysOfMaster(config, {"/live"}).at("/live");
  EXPECT_THAT(relay.upstreams, ElementsAre(config::Upstream{"http://origin.example:8000/live",
                                                            "relay", "secret", ""}));
  EXPECT_TRUE(relay.on_demand);
}

TEST(MasterRelays, WithoutAPasswordNobodyLogsIn) {
  config::Config config = WithMaster();
  config.master.password = "";
  EXPECT_THAT(RelayOfMaster(config.master, "/live").upstreams,
              ElementsAre(config::Upstream{"http://origin.example:8000/live", "", "", ""}));
  config.master.token = "token";
  EXPECT_THAT(RelayOfMaster(config.master, "/live").upstreams,
              ElementsAre(config::Upstream{"http://origin.example:8000/live", "", "", "token"}));
}

TEST(MasterRelays, ANameIsWrittenAsAUrlHasIt) {
  EXPECT_EQ(RelayOfMaster(WithMaster().master, "/a b/\xc3\xa9").upstreams[0].url,
            "http://origin.example:8000/a%20b/%C3%A9");
}

TEST(MasterRelays, WhatIsSaidOfOneMountGoesBeforeWhatIsSaidOfAll) {
  config::Config config = WithMaster();
  config.relays.try_emplace("/relay");
  config.mounts.try_emplace("/relay");
  config.mounts["/file"].file = "x.mp3";
  config.mounts["/settings"].burst = {};
  EXPECT_THAT(RelaysOfMaster(config, {"/file", "/live", "/relay", "/settings"}),
              ElementsAre(Key("/live"), Key("/settings")));
}

TEST(MasterRelays, WithoutAMasterThereAreNone) {
  EXPECT_THAT(RelaysOfMaster(config::Config(), {"/live"}), IsEmpty());
}

TEST(MasterRelays, WithThoseOfTheConfigurationThereAreNoMoreThanTheServerFetches) {
  config::Config config = WithMaster();
  config.relays.try_emplace("/relay");
  std::vector<std::string> listed;
  for (uint32_t i = 0; i <= config::kRelaysMax; ++i) listed.push_back(absl::StrCat("/", i));
  EXPECT_THAT(RelaysOfMaster(config, listed), SizeIs(config::kRelaysMax - 1));
}

}  // namespace
}  // namespace floe::session
