// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/endpoint.h"

#include <array>

#include "gtest/gtest.h"

namespace floe::session {
namespace {

using http::Method;

constexpr std::array kSome = {
    Endpoint{"/", kGet, Need::kNothing, About::kServer, false, nullptr},
    Endpoint{"/admin/", kGet, Need::kRead, About::kServer, false, nullptr},
    Endpoint{"/admin/kill", kGet | kPost, Need::kOperate, About::kServer, true, nullptr},
};

EndpointTable Table() {
  const std::span<const Endpoint> parts[] = {kSome};
  return EndpointTable(parts);
}

TEST(Endpoint, APathIsFoundByItself) {
  const EndpointTable table = Table();
  EXPECT_EQ(table.Find("/admin/kill"), &kSome[2]);
  EXPECT_EQ(table.Find("/"), &kSome[0]);
}

TEST(Endpoint, WhatIsBelowAFolderIsTheFolders) {
  const EndpointTable table = Table();
  EXPECT_EQ(table.Find("/admin/other"), &kSome[1]);
  EXPECT_EQ(table.Find("/admin/a/b/c"), &kSome[1]);
  EXPECT_EQ(table.Find("/admin/kill/more"), &kSome[1]);
}

TEST(Endpoint, WhatIsBelowTheHomePageMayBeAMount) {
  const EndpointTable table = Table();
  for (const char* path : {"/live", "/adminis", "/a/b", "/admin", "*", ""}) {
    EXPECT_EQ(table.Find(path), nullptr) << path;
  }
}

TEST(Endpoint, HeadIsAGetThatChangesNothing) {
  EXPECT_TRUE(kSome[0].Takes(Method::kHead));
  EXPECT_FALSE(kSome[2].Takes(Method::kHead));
  EXPECT_TRUE(kSome[2].Takes(Method::kGet));
  EXPECT_TRUE(kSome[2].Takes(Method::kPost));
  EXPECT_FALSE(kSome[0].Takes(Method::kPost));
  EXPECT_FALSE(kSome[0].Takes(Method::kOther));
}

}  // namespace
}  // namespace floe::session
