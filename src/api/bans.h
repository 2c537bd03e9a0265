// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ring/task.h"
#include "session/exchange.h"

namespace floe::api {

// GET bans: those that were made while the server runs, here or on Icecast's paths.
ring::Task<> SendBans(session::Exchange& exchange, std::string);
// POST bans. Who is here from there is disconnected.
ring::Task<> AddBan(session::Exchange& exchange, std::string);
// DELETE bans/{network}.
ring::Task<> EndBan(session::Exchange& exchange, std::string network);

}  // namespace floe::api
