// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "http/url.h"
#include "ring/task.h"
#include "session/exchange.h"
#include "session/listener_reader.h"

namespace floe::api {

inline constexpr uint32_t kListenersPerPage = 100;
inline constexpr uint32_t kListenersPerPageMax = 1000;

// Which listeners are asked for.
struct ListenerWish {
  session::ListenerFilter filter;
  uint32_t listeners_max = kListenersPerPage;
  session::ListenerPlace place;
};
// Of ?mount=/live &address=192.0.2.0/24 &agent=VLC &limit=100 &cursor=... Pure, but for whose
// process it is. Refusals: 400, names what is wrong.
absl::StatusOr<ListenerWish> ReadListenerWish(const http::Query& fields, uint32_t process);

// GET listeners: a page of them.
ring::Task<> SendListeners(session::Exchange& exchange, std::string);
// DELETE listeners/{id}.
ring::Task<> EndListener(session::Exchange& exchange, std::string id);

}  // namespace floe::api
