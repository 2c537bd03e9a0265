// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Titles from outside the stream: /admin/metadata, and /admin.cgi of SHOUTcast sources.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "session/exchange.h"

namespace floe::session {

// Does what the fields ask for: mode=updinfo&mount=&song=... (or title= and artist=; url=,
// charset=). The title holds from the audio that is published next. Answers what Icecast says then.
// Refusals: 400 for what is missing or not known, 404 for a mount that is not there.
absl::StatusOr<std::string> UpdateTitle(const Exchange& exchange);

// Answers GET of /admin.cgi?pass=&mode=updinfo&song=...
ring::Task<> UpdateTitleOfShoutcast(Exchange& exchange);

}  // namespace floe::session
