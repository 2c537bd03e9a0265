// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What administrators ask for over HTTP.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "session/exchange.h"

namespace floe::session {

// Icecast's answer to every call that does something.
std::string IcecastResponse(absl::string_view message, bool is_done);

// Answers GET and POST of /admin/reloadconfig: what changed, a line each; or with 400 what is wrong
// with the configuration, and nothing has changed.
ring::Task<> ReloadConfig(Exchange& exchange);

}  // namespace floe::session
