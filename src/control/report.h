// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What `floe status` prints for people. Pure: what the server said in, text out. Nothing that peers
// say of themselves reaches the terminal as anything but text.
#pragma once

#include <string>

#include "control/protocol.h"

namespace floe::control {

// Who runs, what it plays, and how its shards do.
std::string StatusReport(const Json& status);

// What a mount of a status does: its phase, or "on /backup" while its listeners hear that one.
std::string PhaseText(const Json& mount);

// The listeners of a status that was asked for them, one a line.
std::string ListenersReport(const Json& status);

}  // namespace floe::control
