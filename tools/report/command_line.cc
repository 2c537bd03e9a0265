// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/report/command_line.h"

#include <CLI/CLI.hpp>

#include "absl/time/time.h"

namespace floe::tools {

CLI::Option* AddDuration(CLI::App& app, const std::string& flag, int64_t* ns,
                         const std::string& text) {
  const auto take = [ns](const std::string& value) {
    absl::Duration duration;
    if (!absl::ParseDuration(value, &duration) || duration < absl::ZeroDuration()) return false;
    *ns = absl::ToInt64Nanoseconds(duration);
    return true;
  };
  return app
      .add_option_function<std::string>(
          flag,
          [take, flag](const std::string& value) {
            if (!take(value)) {
              throw CLI::ValidationError(flag, value + " is no time; say 500ms, 1.5s, 2m");
            }
          },
          text)
      ->type_name("TIME")
      ->default_str(DurationText(*ns));
}

std::string DurationText(int64_t ns) { return absl::FormatDuration(absl::Nanoseconds(ns)); }

bool ParseCommandLine(CLI::App& app, int argc, char** argv, int* exit_status) {
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    *exit_status = app.exit(error) == 0 ? kExitGood : kExitUsage;
    return false;
  }
}

}  // namespace floe::tools
