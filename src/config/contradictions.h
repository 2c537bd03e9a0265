// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/assemble.h"
#include "config/config.h"
#include "config/problems.h"

namespace floe::config {

// Finds values that are right each for itself and not together. Where one of them is already a
// problem nothing is said: what stands in its place is not what was meant. `warnings`, which may be
// null, takes what can be but hardly sounds well.
void FindContradictions(const Config& config, const Provenance& provenance, Problems& problems,
                        std::vector<std::string>* warnings);

}  // namespace floe::config
