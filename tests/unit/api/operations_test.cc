// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/document.h"
#include "api/endpoints.h"
#include "api/names.h"
#include "api/operation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "session/own_endpoints.h"
#include "session/paths.h"

namespace floe::api {
namespace {

using http::Method;
using session::Need;

std::string Told(Method method, absl::string_view path, Need need) {
  return absl::StrCat(absl::AsciiStrToLower(NameOf(method)), " ", path, " ", NameOf(need));
}

void AddRows(std::span<const session::Endpoint> rows, std::set<std::string>* all) {
  for (const session::Endpoint& row : rows) {
    const bool is_told = absl::StartsWith(row.path, session::kApiPrefix) ||
                         row.path == "/healthz" || row.path == "/readyz";
    if (!is_told || row.path == session::kApiPrefix) continue;
    for (const Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kDelete}) {
      if (row.Takes(method)) all->insert(Told(method, row.path, row.need));
    }
  }
}

TEST(Document, HasEachOperationWithWhatItNeedsAndNoOther) {
  std::set<std::string> there;
  for (const Operation& operation : Operations()) {
    there.insert(Told(operation.method, operation.path, operation.need));
  }
  AddRows(Endpoints(), &there);
  AddRows(session::OwnEndpoints(), &there);

  std::set<std::string> told;
  const nlohmann::json document = nlohmann::json::parse(std::string(Document()));
  for (const auto& [path, item] : document["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      told.insert(
          absl::StrCat(method, " ", path, " ", operation["x-floe-needs"].get<std::string>()));
    }
  }
  EXPECT_EQ(told, there);
}

TEST(Operations, NobodyMayChangeAnythingWithoutALogin) {
  for (const Operation& operation : Operations()) {
    if (operation.method == Method::kGet) continue;
    EXPECT_TRUE(operation.need == Need::kTell || operation.need == Need::kOperate ||
                operation.need == Need::kConfigure)
        << operation.path;
  }
}

TEST(Operations, OfAMountAreAboutThatMount) {
  for (const Operation& operation : Operations()) {
    if (!absl::StrContains(operation.path, "{mount}")) continue;
    EXPECT_EQ(operation.about, session::About::kMount) << operation.path;
  }
}

}  // namespace
}  // namespace floe::api
