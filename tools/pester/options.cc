// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/pester/options.h"

#include <CLI/CLI.hpp>

#include "tools/report/command_line.h"

namespace floe::tools {

bool ReadPesterOptions(int argc, char** argv, PesterOptions* options, int* exit_status) {
  PesterOptions& o = *options;
  CLI::App app("Asks a server for random and broken things, and judges that it bears them.",
               "floe-pester");
  app.set_version_flag("--version", FLOE_VERSION);
  app.add_option("--server", o.server, "host:port of the server")->capture_default_str();
  app.add_option("--requests", o.requests, "how many")->capture_default_str();
  app.add_option("--seed", o.seed, "the same seed asks the same")->capture_default_str();
  app.add_option("--at-once", o.at_once, "how many at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 4'096));
  app.add_option("--path", o.paths, "a path that is asked for; may be given again")->required();
  app.add_option("--login", o.logins, "user:password, or \"Bearer TOKEN\"; may be given again");
  app.add_option("--keep", o.keep, "a file for the last requests, should the server vanish");
  app.add_flag("--json", o.is_json, "print the result as JSON");
  app.footer(
      "Exit status: 0 when the server answered to the end and never with a 5xx that is no refusal\n"
      "(501, 503, 505 are), 1 when it did not, 2 when the command line cannot be followed.");
  return ParseCommandLine(app, argc, argv, exit_status);
}

}  // namespace floe::tools
