// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Fallbacks that could never do are refused before anything plays.
#include <string>

#include "absl/strings/str_cat.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FallbackChains, AMountFallsBackToMountsAndFiles) {
  const Config config = Loaded({R"(
    [mount."/live"]
    fallback = ["/backup", "file:/srv/sorry.mp3", "/of-a-source"]
    fallback_override = "all"
    fallback_when_full = true
    [mount."/backup"]
    fallback = ["/last"])"});
  const Mount& live = config.mounts.at("/live");
  EXPECT_THAT(live.fallback, ElementsAre("/backup", "file:/srv/sorry.mp3", "/of-a-source"));
  EXPECT_EQ(live.fallback_override, FallbackOverride::kAll);
  EXPECT_TRUE(live.fallback_when_full);
  EXPECT_EQ(config.mounts.at("/backup").fallback_override, FallbackOverride::kOwn);
  EXPECT_FALSE(config.mounts.at("/backup").fallback_when_full);
}

TEST(FallbackChains, WhatIsNoMountAndNoFileIsRefusedWhereItStands) {
  EXPECT_EQ(Refusal({"[mount.\"/a\"]\nfallback = [\"/b\", \"c\"]"}),
            "floe.toml:2:19: mount.\"/a\".fallback = \"c\": a mount name begins with '/'; expected "
            "a list of mounts and files such as [\"/backup\", \"file:/srv/sorry.mp3\"]; did you "
            "mean \"/c\"?");
  EXPECT_THAT(Refusal({"mount_defaults.fallback = [\"file:sorry.mp3\"]"}),
              HasSubstr("names a file by no path from the root on"));
  EXPECT_THAT(Refusal({"mount_defaults.fallback = [\"/b\", \"/b\"]"}), HasSubstr("named twice"));
  EXPECT_THAT(Refusal({"mount_defaults.fallback = \"/b\""}), HasSubstr("did you mean [\"/b\"]?"));
  EXPECT_THAT(Refusal({"mount_defaults.fallback = [1]"}), HasSubstr("is not text"));
}

TEST(FallbackChains, TenAreFollowedAndElevenAreTooMany) {
  std::string list, chain;
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ", ", "\"/f", i, "\"");
    absl::StrAppend(&chain, "[mount.\"/m", i, "\"]\nfallback = [\"/m", i + 1, "\"]\n");
  }
  Loaded({absl::StrCat("[mount.\"/a\"]\nfallback = [", list, "]")});
  EXPECT_THAT(Refusal({absl::StrCat("[mount.\"/a\"]\nfallback = [", list, ", \"/g\"]")}),
              HasSubstr("has more than 10"));
  Loaded({absl::StrCat(chain, "[mount.\"/m10\"]")});
  EXPECT_THAT(Refusal({absl::StrCat(chain, "[mount.\"/m10\"]\nfallback = [\"/m11\"]")}),
              HasSubstr("mount.\"/m0\".fallback leads through more than 10 mounts"));
}

TEST(FallbackChains, AMountThatFallsBackToItselfIsRefused) {
  EXPECT_EQ(Refusal({"[mount.\"/a\"]\nfallback = [\"/a\"]"}),
            "floe.toml:2:12: mount.\"/a\".fallback leads back to where it comes from: /a > /a; a "
            "mount that is to have none says fallback = []");
  EXPECT_THAT(Refusal({R"(
    [mount."/a"]
    fallback = ["/d", "/b"]
    [mount."/b"]
    fallback = ["/c"]
    [mount."/c"]
    fallback = ["/b"])"}),
              HasSubstr("mount.\"/c\".fallback leads back to where it comes from: /b > /c > /b"));
}

TEST(FallbackChains, TwoWaysToOneMountAreNoLoop) {
  Loaded({R"(
    [mount."/a"]
    fallback = ["/b", "/c"]
    [mount."/b"]
    fallback = ["/c"]
    [mount."/c"])"});
}

TEST(FallbackChains, TheDefaultsAreNoLoopForTheirOwnFallback) {
  Loaded({"mount_defaults.fallback = [\"/backup\"]\n[mount.\"/backup\"]\n[mount.\"/live\"]"});
  EXPECT_THAT(Refusal({"mount_defaults.fallback = [\"/a\", \"/b\"]\n[mount.\"/a\"]\n"
                       "[mount.\"/b\"]"}),
              HasSubstr("mount_defaults.fallback, of mount \"/b\", leads back to where it comes "
                        "from: /a > /b > /a"));
}

TEST(FallbackChains, AFileOfAnotherTypeIsRefusedWhereThatIsKnown) {
  EXPECT_THAT(Refusal({R"(
    [mount."/a"]
    file = "/srv/a.mp3"
    fallback = ["/b", "file:/srv/sorry.ogg"])"}),
              HasSubstr("names \"file:/srv/sorry.ogg\", which is Ogg and cannot go on where file = "
                        "\"/srv/a.mp3\" is MP3"));
  EXPECT_THAT(Refusal({R"(
    [mount."/a"]
    file = "/srv/a.opus"
    fallback = ["/b"]
    [mount."/b"]
    file = "/srv/b.MP3")"}),
              HasSubstr("names \"/b\", which is MP3"));
  Loaded({"[mount.\"/a\"]\nfile = \"/srv/a.ogg\"\nfallback = [\"file:/b.opus\", \"file:/b.m3u\"]"});
  Loaded({"[mount.\"/a\"]\nfallback = [\"file:/b.opus\", \"file:/b.mp3\"]"});
}

}  // namespace
}  // namespace floe::config
