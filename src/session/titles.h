// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Titles from outside the stream: /admin/metadata, and /admin.cgi of SHOUTcast sources.
#pragma once

#include "session/exchange.h"

namespace floe::session {

// Answers GET and POST of /admin/metadata?mode=updinfo&mount=&song=... (or title= and artist=;
// url=, charset=). The title holds from the audio that is published next.
ring::Task<> UpdateTitle(Exchange& exchange);

// Answers GET of /admin.cgi?pass=&mode=updinfo&song=...
ring::Task<> UpdateTitleOfShoutcast(Exchange& exchange);

}  // namespace floe::session
