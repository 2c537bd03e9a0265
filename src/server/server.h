// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "config/config.h"
#include "config/load.h"

namespace floe::server {

// Serves until SIGTERM or SIGINT, reading `sources` anew on SIGHUP, then closes everything within
// two seconds; a second signal ends the process at once. Blocks; once a process, on the main
// thread, before any other is started. Errors: what keeps it from starting, each in one line that
// says what to do; or a shard's end.
absl::Status Serve(config::Config config, config::Sources sources);

}  // namespace floe::server
