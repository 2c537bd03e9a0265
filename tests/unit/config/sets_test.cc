// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// --set key=value.
#include <string>

#include "config/bounds.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Config With(std::vector<std::string> sets) { return Loaded({.sets = std::move(sets)}); }
std::string Without(std::string set) { return Refusal({.sets = {std::move(set)}}); }

TEST(Set, ValuesNeedNoQuotes) {
  const Config config =
      With({"limits.arena=512MiB", "server.hostname=radio.example.com",
            "server.location=Earth, mostly", "server.shards= 2 ", "fanout.interval=auto",
            "mount_defaults.hidden=true", "log.access_file="});
  EXPECT_EQ(config.limits.arena_bytes, uint64_t{512} << 20);
  EXPECT_EQ(config.server.hostname, "radio.example.com");
  EXPECT_EQ(config.server.location, "Earth, mostly");
  EXPECT_EQ(config.server.shards, 2u);
  EXPECT_EQ(config.fanout.interval, std::nullopt);
  EXPECT_TRUE(config.mount_defaults.hidden);
  EXPECT_EQ(config.log.access_file, "");
}

TEST(Set, APasswordIsTakenAsItIs) {
  EXPECT_EQ(With({"auth.source_password= a=b \"c\" "}).auth.source_password, " a=b \"c\" ");
}

TEST(Set, AMountIsNamedWithOrWithoutQuotes) {
  for (const char* set : {"mount.\"/live\".burst=6s", "mount.'/live'.burst=6s",
                          "mount./live.burst=6s", "mount.\"/live\".burst =6s"}) {
    const Config config = With({set});
    ASSERT_EQ(config.mounts.count("/live"), 1u) << set;
    EXPECT_EQ(config.mounts.at("/live").burst, 6s) << set;
  }
  EXPECT_EQ(With({"mount./live.mp3.burst=6s"}).mounts.at("/live.mp3").burst, 6s);
  EXPECT_EQ(With({"mount.\"/a=b\".stream_name=c=d"}).mounts.at("/a=b").stream_name, "c=d");
}

TEST(Set, AMountMadeHereInheritsTheDefaultsOfTheFile) {
  const Config config = Loaded({.file = "mount_defaults.linger = \"1m\"\n[mount.\"/a\"]\n"
                                        "burst = \"2s\"\nhidden = true",
                                .sets = {"mount./a.burst=3s", "mount./b.burst=5s"}});
  EXPECT_EQ(config.mounts.at("/a").burst, 3s);
  EXPECT_TRUE(config.mounts.at("/a").hidden);
  EXPECT_EQ(config.mounts.at("/b").burst, 5s);
  EXPECT_EQ(config.mounts.at("/b").linger, 60s);
}

TEST(Set, TheLastOneWins) {
  EXPECT_EQ(With({"server.shards=1", "server.shards=2"}).server.shards, 2u);
}

TEST(Set, AListReplacesTheList) {
  const Config config = With({"listen=0.0.0.0:9000,[::]:9000", "mount_defaults.cors_origins="});
  ASSERT_EQ(config.listen.size(), 2u);
  EXPECT_EQ(config.listen[0].address, "0.0.0.0:9000");
  EXPECT_EQ(config.listen[1].address, "[::]:9000");
  EXPECT_THAT(config.mount_defaults.cors_origins, ElementsAre());
}

TEST(Set, AWrongValueIsToldWithItsKey) {
  EXPECT_EQ(Without("limits.sources=many"),
            "--set: limits.sources = \"many\": expected a whole number from 1 to 4096");
  EXPECT_EQ(Without("mount./live.lagging=skp"),
            "--set: mount.\"/live\".lagging = \"skp\": expected \"skip\" or \"drop\"; did you mean "
            "skip?");
}

TEST(Set, AWrongKeyIsToldWithTheOneThatWasMeant) {
  EXPECT_EQ(Without("limits.arna=1GiB"),
            "--set: unknown key \"limits.arna\"; did you mean \"limits.arena\"?");
  EXPECT_THAT(Without("arena=1GiB"), HasSubstr("did you mean \"limits.arena\"?"));
  EXPECT_THAT(Without("limits.burst=1s"), HasSubstr("did you mean \"mount_defaults.burst\"?"));
  EXPECT_THAT(Without("listen.0.address=0.0.0.0:1"),
              HasSubstr("did you mean \"listen=0.0.0.0:8000,[::]:8000\"?"));
  EXPECT_THAT(Without("mount./live.brust=1s"),
              HasSubstr("unknown key \"brust\" of mount.\"/live\"; did you mean \"burst\"?"));
  EXPECT_THAT(Without("mount.live.burst=1s"), HasSubstr("did you mean \"/live\"?"));
  EXPECT_THAT(Without("mount.burst=1s"), HasSubstr("unknown key"));
  EXPECT_THAT(Without("=1"), HasSubstr("unknown key \"\""));
}

TEST(Set, WhatIsNoKeyAndValueIsTold) {
  for (const std::string& set :
       {std::string("limits.arena"), std::string(""), std::string("mount.\"/live.burst=6s"),
        std::string("mount.\"/live\"burst=6s"), std::string("mount.\""),
        "server.location=" + std::string(kSetBytesMax, 'x')}) {
    EXPECT_THAT(Without(set), HasSubstr("number 1 is not key=value")) << set;
  }
}

}  // namespace
}  // namespace floe::config
