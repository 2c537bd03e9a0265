// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/internal_mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace floe::config {
namespace {

using testing::ElementsAre;
using testing::Key;

TEST(InternalMounts, AFileHasAMountOfItsOwnHoweverManyNameIt) {
  Config config;
  config.mount_defaults.burst = 7s;
  config.mount_defaults.file = "/srv/other.mp3";
  config.mount_defaults.intro = "/srv/intro.mp3";
  config.mount_defaults.max_listeners = 3;
  config.mount_defaults.stream_name = "Radio";
  config.mount_defaults.fallback = {"/backup", "file:/srv/sorry.mp3", "silence:"};
  config.mounts["/a"].fallback = {"file:/srv/sorry.mp3"};
  config.mounts["/b"].fallback = {"file:/srv/b.mp3"};
  AddFileMounts(&config);
  AddFileMounts(&config);
  ASSERT_THAT(config.mounts, ElementsAre(Key("/a"), Key("/b"), Key("file:/srv/b.mp3"),
                                         Key("file:/srv/sorry.mp3")));
  const Mount& mount = config.mounts.at("file:/srv/sorry.mp3");
  EXPECT_EQ(mount.file, "/srv/sorry.mp3");
  EXPECT_EQ(mount.burst, 7s);
  EXPECT_TRUE(mount.hidden);
  EXPECT_EQ(mount.max_listeners, 0u);
  EXPECT_EQ(mount.intro, "");
  EXPECT_TRUE(mount.fallback.empty());
  EXPECT_EQ(mount.stream_name, "");
}

TEST(InternalMounts, NoPathOfARequestIsTheNameOfOne) {
  EXPECT_FALSE(IsInternalMount("/"));
  EXPECT_FALSE(IsInternalMount("/file:/srv/sorry.mp3"));
  EXPECT_TRUE(IsInternalMount("file:/srv/sorry.mp3"));
  EXPECT_TRUE(IsInternalMount("silence:audio/mpeg:44100:2:128000"));
  EXPECT_TRUE(IsInternalMount(""));
}

}  // namespace
}  // namespace floe::config
