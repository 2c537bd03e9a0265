// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nlohmann/json_fwd.hpp"
#include "tools/load/options.h"
#include "tools/load/tally.h"

namespace floe::tools {

// A run as it is said: while it lasts, at its end, and against its bounds.
struct RunState {
  int64_t began_at_ns = 0;
  int64_t now_ns = 0;
  double cpu_s = 0;  // of floe-load itself
  Tally tally;

  double seconds() const { return double(now_ns - began_at_ns) / double(kNsPerSecond); }
};

// In one line, at most 79 columns while nothing goes wrong. `mbit_per_s`: what comes in just now.
std::string LineOf(const LoadOptions& options, const RunState& run, double mbit_per_s);
nlohmann::json ResultOf(const LoadOptions& options, const RunState& run);
std::string SummaryOf(const LoadOptions& options, const RunState& run);

// A sentence for each bound that did not hold.
std::vector<std::string> BrokenBounds(const Bounds& bounds, const Tally& tally);

}  // namespace floe::tools
