// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/config.h"

namespace floe::config {

// The configuration in force as TOML: every key, those of each mount with its defaults applied.
// Loading it gives the same Config but for the passwords: one that is set is only a comment here,
// so that neither it nor a stand-in for it can end up in use.
std::string Describe(const Config& config);

}  // namespace floe::config
