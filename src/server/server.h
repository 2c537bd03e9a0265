// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "config/config.h"
#include "config/load.h"
#include "server/serve_options.h"

namespace floe::server {

// Serves until SIGTERM or SIGINT, then closes everything within two seconds; a second one ends the
// process at once. SIGHUP reads `sources` again, SIGUSR2 has a new binary take over. Blocks; once a
// process, on the main thread, before any other is started. Errors: what keeps it from starting,
// each in one line that says what to do; or a shard's end.
absl::Status Serve(config::Config config, config::Sources sources, ServeOptions options);

}  // namespace floe::server
