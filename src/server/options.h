// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace floe::server {

enum class Command : uint8_t { kServe, kCheck, kDoctor, kVersion };

struct Options {
  Command command = Command::kServe;
  std::optional<std::string> config_path;
  std::vector<std::string> sets;  // "key=value"
  bool print_config = false;      // check --print
  bool as_json = false;           // doctor --json
};

// What parsing answers: options, or that the process is to end with this status (help was shown,
// or an error was printed).
struct ParsedOptions {
  std::optional<Options> options;
  int exit_status = 0;
};
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace floe::server
