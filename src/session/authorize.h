// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Who asks, and whether they may. What somebody says of who they are is a login (Basic, or what a
// dialect has for one) or a token (Bearer, or in a password's place, for encoders that know no
// other way).
//
// Refusals: 401 for who said nothing or something wrong, with one text and, if any password here is
// hashed, a hash's time for every way of being wrong; 403 for who is known and may not; 429 for
// whose address is locked out, before anything is hashed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "config/config.h"
#include "http/auth.h"
#include "session/endpoint.h"
#include "session/exchange.h"

namespace floe::session {

// Checks whether who asks may do that, with this mount or, when it is empty, with the server; notes
// the user in the exchange.
ring::Task<absl::Status> Authorize(Exchange& exchange, Need need, std::string mount);

// A login as a source's that came another way.
struct SourceLogin {
  std::string mount;
  http::Credentials credentials;  // an empty user is the right one
};
// The same for what one source said, which may be meant in several ways (SHOUTcast): the first that
// opens its mount counts, and `mount` is that. All together are one failure. REQUIRES: there is one
// way at least.
ring::Task<absl::Status> AuthorizeSource(Exchange& exchange, std::vector<SourceLogin> ways,
                                         std::string* mount);

// Checks whether who asks may listen to a mount that is for some only (listener_users); their login
// may stand in the query as well, user= and pass=. Everybody may listen to any other.
ring::Task<absl::Status> AuthorizeListener(Exchange& exchange, std::string mount);

// When the token is over that who asks has logged in with; nullopt: never, or it was no token.
std::optional<absl::Time> LoginEnds(const Exchange& exchange);

// The refusal for a path at which there is nothing: 404. Who asks for many of them is locked out,
// and told 429.
absl::Status RefuseMissing(Exchange& exchange);

}  // namespace floe::session
