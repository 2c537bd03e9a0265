// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// How a refusal travels from where it is found to where it is answered: an absl::Status that
// carries the HTTP status as a payload, so that a StatusOr is all a caller handles.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe::http {

// "Not Found" for 404; "Unknown" for what has no phrase here.
absl::string_view ReasonPhrase(int http_status);

// A refusal to be answered with `http_status` (400 to 599) and `text`, which the requester is
// shown: it names what was wrong, never a secret.
absl::Status Refusal(int http_status, absl::string_view text);

// The same, and when it is worth asking again.
absl::Status RefusalFor(int http_status, absl::string_view text, uint32_t retry_after_s);
std::optional<uint32_t> RetryAfterOf(const absl::Status& refusal);

// The HTTP status of a Refusal; for a status of other origin the one nearest its code (NotFound
// 404, AlreadyExists 409, ResourceExhausted and Unavailable 503, ...), 200 for OK, else 500.
int HttpStatusOf(const absl::Status& status);

}  // namespace floe::http
