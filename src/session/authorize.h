// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "config/config.h"
#include "http/auth.h"
#include "session/exchange.h"

namespace floe::session {

// Who somebody must be.
enum class Role : uint8_t {
  kSource,         // of that mount
  kSourceOrAdmin,  // for titles
  kAdmin,
  kRelay,  // a server that fetches the mounts, or the administrator
};

// Checks the request's Authorization header for `role` on a mount with these settings, and notes
// the user in the exchange. Refusal: 401, with one text for every way of being wrong.
ring::Task<absl::Status> Authorize(Exchange& exchange, Role role, const config::Mount& settings);

// The same for credentials that came another way (SHOUTcast). An empty user is the right one.
ring::Task<absl::Status> AuthorizeSource(Exchange& exchange, http::Credentials credentials,
                                         const config::Mount& settings);

}  // namespace floe::session
