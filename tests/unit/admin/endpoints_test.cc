// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/endpoints.h"

#include <string>

#include "gtest/gtest.h"
#include "http/status.h"
#include "session/paths.h"

namespace floe::admin {
namespace {

using session::Endpoint;
using session::Need;

session::EndpointTable Table() {
  const std::span<const Endpoint> parts[] = {Endpoints()};
  return session::EndpointTable(parts);
}

TEST(Endpoints, EveryCallHasThreeForms) {
  const session::EndpointTable table = Table();
  for (const std::string name : {"stats", "listclients", "killsource", "metadata"}) {
    for (const char* ending : {"", ".json", ".xsl"}) {
      EXPECT_EQ(table.Find("/admin/" + name + ending)->path, "/admin/" + name + ending);
    }
  }
}

TEST(Endpoints, WhatChangesSomethingIsNothingThatAnotherSitesPageMayAskFor) {
  for (const Endpoint& endpoint : Endpoints()) {
    const bool needs_more = endpoint.need == Need::kOperate || endpoint.need == Need::kConfigure;
    EXPECT_TRUE(endpoint.changes_state || !needs_more) << endpoint.path;
  }
}

TEST(Endpoints, WhatIsNoCallIsRefusedAndNoMount) {
  const session::EndpointTable table = Table();
  EXPECT_EQ(table.Find("/admin/nothing")->path, "/admin/");
  for (const char* path : {"/stats", "/7.html", "/admin.cgi", "/status.xsl", "/admin/x"}) {
    EXPECT_EQ(http::HttpStatusOf(session::CheckMountPath(table, path)), 403) << path;
  }
  EXPECT_EQ(table.Find("/live"), nullptr);
}

}  // namespace
}  // namespace floe::admin
