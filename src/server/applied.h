// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What of the configuration is told to whom, at the start and at each reload.
#pragma once

#include <cstdint>

#include "base/log.h"
#include "config/config.h"
#include "shard/shard.h"

namespace floe::server {

log::Options LogOptionsOf(const config::Log& log);

// Fills in what Shard::Change takes. `idle_window_bytes`: see ListenSockets.
void SetChangeable(const config::Config& config, uint32_t idle_window_bytes,
                   shard::ShardOptions* options);

}  // namespace floe::server
