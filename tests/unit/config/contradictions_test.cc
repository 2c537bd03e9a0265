// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Values that are right each for itself and not together.
#include <string>

#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Contradictions, TheDefaultsAreNone) {
  std::vector<std::string> warnings;
  EXPECT_TRUE(TryLoad({""}, &warnings).ok());
  EXPECT_THAT(warnings, ElementsAre());
}

TEST(Contradictions, TheShortestIntervalIsNotLongerThanTheLongest) {
  EXPECT_EQ(Refusal({"[fanout]\ninterval_min = \"2s\""}),
            "floe.toml:2:16: fanout.interval_min = \"2s\" is longer than fanout.interval_max = "
            "\"1s\" (the default)");
  EXPECT_EQ(
      Refusal(
          {.file = "[fanout]\ninterval_min = \"500ms\"", .sets = {"fanout.interval_max=400ms"}}),
      "--set: fanout.interval_min = \"500ms\" is longer than fanout.interval_max = \"400ms\"");
  Loaded({"[fanout]\ninterval_min = \"1s\""});
  Loaded({"[fanout]\ninterval = \"200ms\"\ninterval_min = \"2s\""});
}

TEST(Contradictions, TheHistoryHoldsTheBurst) {
  EXPECT_EQ(Refusal({"[mount_defaults]\nburst = \"40s\""}),
            "floe.toml:2:9: mount_defaults.burst = \"40s\" is longer than mount_defaults.history = "
            "\"30s\" (the default)");
  EXPECT_EQ(
      Refusal({"[mount_defaults]\nhistory = \"10s\"\n[mount.\"/live\"]\nburst = \"11s\"\n"
               "[mount.\"/calm\"]\nlinger = \"1s\""}),
      "floe.toml:4:9: mount.\"/live\".burst = \"11s\" is longer than mount_defaults.history = "
      "\"10s\"");
  Loaded({"[mount_defaults]\nburst = \"40s\"\nhistory = \"40s\""});
}

TEST(Contradictions, WhatMountsInheritIsToldOnce) {
  const std::string refusal =
      Refusal({"[mount_defaults]\nburst = \"40s\"\n[mount.\"/a\"]\n[mount.\"/b\"]\nhidden = true"});
  EXPECT_THAT(refusal, Not(HasSubstr("\n")));
}

TEST(Contradictions, AListenerKeepsUpBetweenTwoSends) {
  EXPECT_THAT(Refusal({"fanout.interval = \"2s\"\nmount_defaults.burst = \"1s\"\n"
                       "mount_defaults.history = \"2s\""}),
              HasSubstr("fanout.interval = \"2s\" lets listeners fall behind"));
  EXPECT_THAT(Refusal({"mount_defaults.burst = \"1s\"\nmount_defaults.history = \"1s\""}),
              HasSubstr("fanout.interval_max = \"1s\" (the default) lets listeners fall behind"));
}

TEST(Contradictions, ABurstThatDoesNotLastUntilTheNextSendIsWarnedOf) {
  std::vector<std::string> warnings;
  EXPECT_TRUE(TryLoad({"[mount.\"/live\"]\nburst = \"500ms\""}, &warnings).ok());
  EXPECT_THAT(warnings,
              ElementsAre("fanout.interval_max = \"1s\" (the default) is longer than "
                          "mount.\"/live\".burst = \"500ms\": players may run dry between "
                          "two sends"));
}

TEST(Contradictions, AnAddressIsListenedOnOnce) {
  EXPECT_EQ(Refusal({"[[listen]]\naddress = \"[::]:80\"\n[[listen]]\naddress = \"[::0]:80\""}),
            "floe.toml:4:11: listen = \"[::0]:80\": is listened on twice; expected numeric "
            "addresses such as \"0.0.0.0:8000\" or \"[::]:8000\"");
  EXPECT_THAT(Refusal({.sets = {"listen=0.0.0.0:80,0.0.0.0:80"}}), HasSubstr("listened on twice"));
  EXPECT_THAT(Refusal({.sets = {"listen=0.0.0.0:0"}}), HasSubstr("port 0"));
  Loaded({.sets = {"listen=0.0.0.0:80,[::]:80,127.0.0.1:80"}});
}

TEST(Contradictions, BothLogsAreNotOneFile) {
  EXPECT_THAT(Refusal({"[log]\nfile = \"/a\"\naccess_file = \"/a\""}),
              HasSubstr("is the same file as log.access_file"));
  Loaded({"[log]\nfile = \"-\"\naccess_file = \"-\""});
}

TEST(Contradictions, NothingIsSaidOfAValueThatIsWrongAlready) {
  const std::string refusal = Refusal({"[fanout]\ninterval_min = \"2s\"\ninterval_max = \"9 s\""});
  EXPECT_THAT(refusal, HasSubstr("fanout.interval_max = \"9 s\""));
  EXPECT_THAT(refusal, Not(HasSubstr("is longer than")));
}

TEST(Contradictions, ThereAreNoMoreMountsThanTheServerHolds) {
  std::string text;
  for (int i = 0; i <= 4096; ++i) text += "[mount.\"/" + std::to_string(i) + "\"]\n";
  EXPECT_THAT(Refusal({text}), HasSubstr("names more than 4096 mounts"));
}

}  // namespace
}  // namespace floe::config
