// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/options.h"

namespace floe::server {

// `floe import`: another server's configuration to a floe.toml, on stdout or in a file of its own,
// and on stderr what could not be carried over. No server is asked, and none has to run.
//
// Answers the exit status: 0 all was carried over, 1 the file cannot be read or the result not be
// written, 2 the options do not fit, 3 something was left out.
int ImportConfig(const Options& options);

}  // namespace floe::server
