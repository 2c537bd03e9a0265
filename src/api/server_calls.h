// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The server as a whole: how it does, what it is configured with, other servers it speaks to.
#pragma once

#include <string>

#include "ring/task.h"
#include "session/exchange.h"

namespace floe::api {

// GET openapi.json: the document that describes all of this.
ring::Task<> SendDocument(session::Exchange& exchange, std::string);
// GET server.
ring::Task<> SendServer(session::Exchange& exchange, std::string);
// GET endpoints: the server's own paths, and what each needs.
ring::Task<> SendEndpoints(session::Exchange& exchange, std::string);
// GET relays, master, pushes.
ring::Task<> SendRelays(session::Exchange& exchange, std::string);
ring::Task<> SendMaster(session::Exchange& exchange, std::string);
ring::Task<> SendPushes(session::Exchange& exchange, std::string);
// GET config: what holds, without secrets.
ring::Task<> SendConfig(session::Exchange& exchange, std::string);
// POST reload.
ring::Task<> Reload(session::Exchange& exchange, std::string);

}  // namespace floe::api
