// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/keys.h"

namespace floe::config {

// Where the keys of a table are stored: of the table of `mount`, which REQUIRES that it has one, or
// of the configuration's (mount_defaults) when `mount` is empty.
Scope ScopeOf(Config* config, Table table, const std::string& mount);

// The mounts that have such a table, by name; none for tables that mounts do not have.
std::vector<std::string> MountsWith(const Config& config, Table table);

}  // namespace floe::config
