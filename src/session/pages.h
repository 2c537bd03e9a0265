// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the server says of itself. Pure: services in, text out.
#pragma once

#include <string>

#include "http/request.h"
#include "session/services.h"

namespace floe::session {

// "/status-json.xsl", in Icecast 2.4's shape: `source` is missing, an object or an array for no,
// one or many mounts that have a source.
std::string StatusJson(const Services& services, absl::string_view base_url);

// Every shard turned lately.
bool IsWell(const Services& services, Instant now);
struct Health {
  bool is_well;  // every shard turned lately
  std::string json;
};
Health HealthJson(const Services& services, Instant now);

// "/": the mounts, with a player each.
std::string HomePage(const Services& services, absl::string_view base_url);

}  // namespace floe::session
