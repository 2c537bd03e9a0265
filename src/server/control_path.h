// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Where the control socket is: for the server, and for commands, which look in the same places.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"
#include "control/socket.h"

namespace floe::server {

// Where it may be, the first place that can be used first: server.control_socket; and unless that
// was set, control.sock in the state directory, for a user who may not write below /run.
std::vector<std::string> ControlPathsOf(const config::Server& server);

// Listens at the first of these that can be used; their directories are made, if they are not
// configured ones. Where a default place cannot be used the server runs without: a warning says so.
// Errors: another floe runs here; what is configured cannot be used.
absl::Status OpenControlSocket(const config::Server& server, control::ControlSocket* socket);

}  // namespace floe::server
