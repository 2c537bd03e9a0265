// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What `floe status` is answered. Unlike the pages, it knows of hidden mounts and of addresses:
// only the operator asks.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "control/protocol.h"
#include "session/services.h"

namespace floe::server {

// {"version", "pid", "started", "uptime_ms", "configuration", "control_socket", "listen": [...],
// "totals": {...}, "memory": {...}, "mounts": [...], "shards": [...]}. Threads: the main thread.
control::Json StatusJson(const session::Services& services, const std::string& control_socket,
                         absl::Time now);

}  // namespace floe::server
