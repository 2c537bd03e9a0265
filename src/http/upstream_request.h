// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What Floe asks another server.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/http_url.h"

namespace floe::http {

// The value of an Authorization header: of a user and a password, or of a token.
std::string BasicAuthorization(absl::string_view user, absl::string_view password);
std::string BearerAuthorization(absl::string_view token);

// StreamRequest is the request for a stream, titles included.
//
// HTTP/1.1, though a stream needs nothing of it: there are proxies that answer 1.0 with 426, and
// none that any player's 1.1 has not taught to answer. A chunked reply is understood.
struct StreamRequest {
  HttpUrl url;
  std::string authorization;  // a header's value; empty: none
  std::string hops;           // Floe-Hops; empty: none
  std::string position;       // Floe-Position: "ask", or where to go on; empty: none

  // The head with its empty line. Values are made safe: none ends its line.
  std::string ToString() const;
};

}  // namespace floe::http
