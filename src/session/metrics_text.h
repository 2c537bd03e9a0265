// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "session/services.h"

namespace floe::session {

// So many mounts have labels of their own, the first by name; the rest are summed under
// mount="other". The same goes for relays and for pushes.
inline constexpr size_t kMetricsMountsMax = 200;

// All that Prometheus is told. No label's value comes from a peer but the names of mounts, which
// are those of who may make one.
// Threads: any, but none that carries audio: it reads /proc, and asks the allocator.
std::string MetricsText(const Services& services);

}  // namespace floe::session
