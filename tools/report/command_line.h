// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace floe::tools {

// Exit statuses of the tools.
inline constexpr int kExitGood = 0;
inline constexpr int kExitBroken = 1;  // a bound was broken, a mount never came on
inline constexpr int kExitUsage = 2;   // the command line, or the machine, does not allow it

// Adds `flag` taking a time such as 500ms, 1.5s or 2m, kept in nanoseconds.
CLI::Option* AddDuration(CLI::App& app, const std::string& flag, int64_t* ns,
                         const std::string& text);

// "1.5s", "20ms"; how a duration was or would be written.
std::string DurationText(int64_t ns);

// Parses; returns true when the program may go on, else `*exit_status` is what to end with.
bool ParseCommandLine(CLI::App& app, int argc, char** argv, int* exit_status);

}  // namespace floe::tools
