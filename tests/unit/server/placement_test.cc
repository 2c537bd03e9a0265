// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/placement.h"

#include <sched.h>

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Place> Placed(absl::string_view cores, uint32_t shards, const Topology& topology) {
  return PlaceShards(config::ParseCoreSet(cores).value(), shards, topology).value();
}
std::string Refused(absl::string_view cores, const Topology& topology) {
  return std::string(
      PlaceShards(config::ParseCoreSet(cores).value(), 0, topology).status().message());
}

const Topology kOneNode{.allowed_cores = {0, 1}, .node_of_core = {{0, 0}, {1, 0}}};
const Topology kTwoNodes{.allowed_cores = {0, 1, 2, 3},
                         .node_of_core = {{0, 0}, {1, 1}, {2, 0}, {3, 1}}};

TEST(Placement, EachAllowedCoreHasAShard) {
  EXPECT_THAT(Placed("auto", 0, kOneNode), ElementsAre(Place{0}, Place{1}));
}

TEST(Placement, MoreShardsThanCoresAreDealtOutInTurn) {
  EXPECT_THAT(Placed("auto", 5, kOneNode),
              ElementsAre(Place{0}, Place{1}, Place{0}, Place{1}, Place{0}));
}

TEST(Placement, ListedCoresAreTakenInTheirOrder) {
  EXPECT_THAT(Placed("1,0", 0, kOneNode), ElementsAre(Place{1}, Place{0}));
}

TEST(Placement, WithSeveralNodesMemoryIsOfTheCoresNode) {
  EXPECT_THAT(Placed("auto", 3, kTwoNodes), ElementsAre(Place{0, 0}, Place{1, 1}, Place{2, 0}));
  EXPECT_THAT(Placed("node1", 0, kTwoNodes), ElementsAre(Place{1, 1}, Place{3, 1}));
}

TEST(Placement, OffLeavesItToTheScheduler) {
  EXPECT_THAT(Placed("off", 0, kTwoNodes), testing::Each(Place{}));
  EXPECT_EQ(Placed("off", 0, kTwoNodes).size(), 4u);
}

TEST(Placement, ShardsKnowWithHowManyTheyShareACore) {
  const std::vector<Place> five = Placed("auto", 5, kOneNode);
  EXPECT_EQ(ShardsOnCoreOf(0, five, 2), 3u);
  EXPECT_EQ(ShardsOnCoreOf(1, five, 2), 2u);
  EXPECT_EQ(ShardsOnCoreOf(0, Placed("auto", 1, kOneNode), 2), 1u);
  EXPECT_EQ(ShardsOnCoreOf(0, Placed("off", 5, kOneNode), 2), 3u);
}

TEST(Placement, ACoreThatIsNotThereIsNamed) {
  EXPECT_THAT(Refused("1-2", kOneNode), HasSubstr("core 2; this process may run on 0,1"));
  EXPECT_THAT(Refused("node7", kTwoNodes), HasSubstr("node 7"));
}

TEST(Placement, AThreadStaysWhereItWasPut) {
  const Topology here = ReadTopology();
  ASSERT_FALSE(here.allowed_cores.empty());
  const int core = int(here.allowed_cores.back());
  int ran_on = -1;
  std::thread([&] {
    StayAt({.core = core, .node = 0});
    ran_on = sched_getcpu();
  }).join();
  EXPECT_EQ(ran_on, core);
}

}  // namespace
}  // namespace floe::server
