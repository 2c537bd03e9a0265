// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/keys.h"

namespace floe::config {

// Where the keys of a table are stored: of the table of `name`, which REQUIRES that it has one, or
// of the configuration's (mount_defaults) when `name` is empty.
Scope ScopeOf(Config* config, Table table, const std::string& name);

// The names that have such a table, in order; none for tables of which there is but one.
std::vector<std::string> NamesWith(const Config& config, Table table);

}  // namespace floe::config
