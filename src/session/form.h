// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "session/exchange.h"

namespace floe::session {

// A form or a document that is posted to one of the server's own paths; a title is cut to
// kTitleBytesMax anyway.
inline constexpr uint64_t kBodyBytesMax = 16 * 1024;

// Hears the body of a request that has one, into `exchange.body`, and sets `exchange.fields`: those
// of the query, and of the body when it is a form. Refusals: 411 for a body of unknown length, 413
// for a long one. Errors: what Hear answers.
ring::Task<absl::Status> HearFields(Exchange& exchange);

}  // namespace floe::session
