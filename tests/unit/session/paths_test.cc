// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/paths.h"

#include "gtest/gtest.h"
#include "http/status.h"

namespace floe::session {
namespace {

TEST(Paths, AMountMayBeAnythingThatIsNoPage) {
  for (const char* path : {"/live", "/stream.mp3", "/a/b/c.ogg", "/;", "/administration"}) {
    EXPECT_TRUE(CheckMountPath(path).ok()) << path;
  }
}

TEST(Paths, ASourceCannotHideAPageBehindItsMount) {
  for (const char* path : {"/", "/health", "/status-json.xsl", "/admin.cgi", "/admin/metadata",
                           "/admin/", "/live.m3u", "/live.xspf", "*"}) {
    EXPECT_EQ(http::HttpStatusOf(CheckMountPath(path)), 403) << path;
  }
}

}  // namespace
}  // namespace floe::session
