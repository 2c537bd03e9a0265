// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace floe::server {

// On the command line of a process that another one starts to take over from it.
inline constexpr char kTakeOverFlag[] = "--take-over";
inline constexpr char kPredecessorFlag[] = "--predecessor=";
inline constexpr char kReportFlag[] = "--report-fd=";

struct ServeOptions {
  bool takes_over = false;             // from the server that runs, instead of starting anew
  std::string predecessor;             // its control socket; empty: as the configuration has it
  std::vector<std::string> arguments;  // of this process, without its name: the next one's as well
};

}  // namespace floe::server
