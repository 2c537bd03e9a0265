// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/shapes.h"
#include "mount/registry.h"
#include "ring/task.h"
#include "session/exchange.h"

namespace floe::api {

// Whether a mount may fall back to these. Refusal (400): it could not, or it would lead back.
absl::Status CheckFallback(const mount::Registry& registry, const std::string& name,
                           const std::vector<std::string>& fallback);

// What is known of a mount, its settings where they are of interest. Threads: any.
Json MountJson(const mount::Mount& mount, const mount::Registry& registry);

// GET mounts, mounts/{mount}, sources.
ring::Task<> SendMounts(session::Exchange& exchange, std::string);
ring::Task<> SendMount(session::Exchange& exchange, std::string name);
ring::Task<> SendSources(session::Exchange& exchange, std::string);
// PUT mounts/{mount}/fallback: until the configuration is read again.
ring::Task<> SetFallback(session::Exchange& exchange, std::string name);
// POST mounts/{mount}/title.
ring::Task<> SetTitle(session::Exchange& exchange, std::string name);
// POST mounts/{mount}/move: its listeners, or one of them, hear another mount.
ring::Task<> MoveMountListeners(session::Exchange& exchange, std::string name);
// DELETE mounts/{mount}/source, sources/{mount}.
ring::Task<> EndSource(session::Exchange& exchange, std::string name);

}  // namespace floe::api
