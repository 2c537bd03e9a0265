// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What is kept of the past: what played, who listened, and for how long in all.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "http/url.h"
#include "ring/task.h"
#include "session/exchange.h"
#include "store/sessions.h"

namespace floe::api {

inline constexpr int kPastPerPage = 100;
inline constexpr int kPastPerPageMax = 1000;

// Which page of the past is asked for: ?mount=/live &limit=100 &cursor=... Pure. Refusals: 400.
struct PastWish {
  std::string mount;
  int limit = kPastPerPage;
  int64_t before_id = 0;
};
absl::StatusOr<PastWish> ReadPastWish(const http::Query& fields);

// Of ?mount=/live &from=2026-11-01T00:00:00Z &to=... &step=hour|day|all. Pure. Refusals: 400.
absl::StatusOr<store::ListenedQuery> ReadListenedWish(const http::Query& fields);

// GET songs, sessions, listened.
ring::Task<> SendSongs(session::Exchange& exchange, std::string);
ring::Task<> SendSessions(session::Exchange& exchange, std::string);
ring::Task<> SendListened(session::Exchange& exchange, std::string);

}  // namespace floe::api
