// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Fallbacks that could never do: what is known of them before anything plays.
#pragma once

#include "config/assemble.h"
#include "config/config.h"
#include "config/problems.h"

namespace floe::config {

// Refuses a mount that falls back to itself, by way of others too; more than kFallbacksMax mounts
// one after the other; and a file that is of another type than the mount's own. A mount that nobody
// has configured may come with a source, and is followed no further. What the defaults say of a
// mount that is itself their fallback is passed over.
void FindFallbackProblems(const Config& config, const Provenance& provenance, Problems& problems);

}  // namespace floe::config
