// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What administrators ask for over HTTP.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "session/exchange.h"

namespace floe::session {

// Reads the configuration again, on a worker: what has changed, a line each. Errors: what is wrong
// with it, and nothing has changed.
ring::Task<absl::StatusOr<std::vector<std::string>>> Reload(Exchange& exchange);

}  // namespace floe::session
