// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "importer/draft.h"

namespace floe::importer {

// Call is where a mount is fetched, and with which login.
struct Call {
  std::string url;
  std::string user;
  std::string password;  // empty: no login
  Origin origin;
};

// Sets a relay's "upstream" to those that Floe can call, the preferred one first, and notes the
// others. When there is none it is not set.
void SetUpstreams(absl::string_view section, const std::vector<Call>& calls, Draft* draft);

}  // namespace floe::importer
