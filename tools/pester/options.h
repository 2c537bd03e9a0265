// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace floe::tools {

// What floe-pester is told on its command line; the texts are in options.cc.
struct PesterOptions {
  std::string server = "127.0.0.1:8000";
  uint64_t requests = 10'000;
  uint64_t seed = 1;
  uint32_t at_once = 64;
  std::vector<std::string> paths;   // that requests begin from
  std::vector<std::string> logins;  // "user:password", and "Bearer ..." as it is
  std::string keep;                 // where the last requests go when the server is gone
  bool is_json = false;
};

// False: the program ends with `*exit_status`.
bool ReadPesterOptions(int argc, char** argv, PesterOptions* options, int* exit_status);

}  // namespace floe::tools
