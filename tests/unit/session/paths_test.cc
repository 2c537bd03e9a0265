// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/paths.h"

#include "gtest/gtest.h"
#include "http/status.h"
#include "session/own_endpoints.h"

namespace floe::session {
namespace {

EndpointTable Own() {
  const std::span<const Endpoint> parts[] = {OwnEndpoints()};
  return EndpointTable(parts);
}

TEST(Paths, AMountMayBeAnythingThatIsNoPage) {
  for (const char* path : {"/live", "/stream.mp3", "/a/b/c.ogg", "/;", "/administration"}) {
    EXPECT_TRUE(CheckMountPath(Own(), path).ok()) << path;
  }
}

TEST(Paths, ASourceCannotHideAPageBehindItsMount) {
  for (const char* path : {"/", "/health", "/status-json.xsl", "/admin/metadata", "/admin/",
                           "/api/v1/x", "/live.m3u", "/live.xspf", "*"}) {
    EXPECT_EQ(http::HttpStatusOf(CheckMountPath(Own(), path)), 403) << path;
  }
}

}  // namespace
}  // namespace floe::session
