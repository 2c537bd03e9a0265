// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The API's own tokens, for programs: made, listed and ended. All of it needs Need::kConfigure of
// the server as a whole, which nothing is above: whoever asks has all that a token may be given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "access/tokens.h"
#include "ring/task.h"
#include "session/exchange.h"

namespace floe::api {

inline constexpr uint64_t kTokenDaysMax = 36'500;

// What is wished for in {"name": "panel", "role": "read", "mounts": ["/live"], "days": 30}. Pure.
// `ends`: when the token of who asks does, if it is one that does. Refusals: as ParseBody has them;
// 400; 403 for one that would be good for longer than that. Name and mounts are left to
// Tokens::Add.
absl::StatusOr<access::TokenRecord> ReadNewToken(absl::string_view content_type,
                                                 absl::string_view body, absl::Time now,
                                                 std::optional<absl::Time> ends);

// GET tokens: what may be said of them, never the tokens themselves.
ring::Task<> SendTokens(session::Exchange& exchange, std::string);
// POST tokens: makes one, and shows it this once.
ring::Task<> AddToken(session::Exchange& exchange, std::string);
// DELETE tokens/{name}.
ring::Task<> EndToken(session::Exchange& exchange, std::string name);

}  // namespace floe::api
