// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/endpoints.h"

#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "admin/endpoints.h"
#include "api/endpoints.h"
#include "api/names.h"
#include "session/own_endpoints.h"

namespace floe::server {

namespace {

using session::Endpoint;

std::string MethodsOf(const Endpoint& endpoint) {
  struct Named {
    session::Methods method;
    absl::string_view name;
  };
  std::vector<absl::string_view> methods;
  for (const Named& named :
       {Named{session::kGet, "GET"}, Named{session::kPost, "POST"}, Named{session::kPut, "PUT"},
        Named{session::kDelete, "DELETE"}, Named{session::kStats, "STATS"}}) {
    if ((endpoint.methods & named.method) != 0) methods.push_back(named.name);
  }
  return absl::StrJoin(methods, ",");
}

}  // namespace

std::string EndpointList() {
  const session::EndpointTable endpoints = AllEndpoints();
  std::string list;
  for (const Endpoint* endpoint : endpoints.all()) {
    absl::StrAppend(&list, MethodsOf(*endpoint), " ", api::NameOf(endpoint->need), " ",
                    endpoint->changes_state ? "changes" : "asks", " ", endpoint->path, "\n");
  }
  return list;
}

session::EndpointTable AllEndpoints() {
  const std::array parts = {session::OwnEndpoints(), admin::Endpoints(), api::Endpoints()};
  return session::EndpointTable(parts);
}

}  // namespace floe::server
