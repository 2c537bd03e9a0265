// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "server/options.h"

namespace floe::server {

// Runs a command that is for the running server, which listens at one of the paths. Prints what it
// answers; answers the exit status. REQUIRES: IsForServer(options.command).
int AskServer(const Options& options, const std::vector<std::string>& paths);

}  // namespace floe::server
