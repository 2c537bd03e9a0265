// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/options.h"

#include <CLI/CLI.hpp>

namespace floe::server {
namespace {

void AddConfigOptions(CLI::App* command, Options* options) {
  command->add_option("-c,--config", options->config_path,
                      "configuration file (default: /etc/floe/floe.toml, if it is there)");
  command
      ->add_option("--set", options->sets,
                   "one key over file and environment: --set limits.arena=512MiB")
      ->take_all()
      ->allow_extra_args(false);
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Floe, a live-audio edge server");
  app.set_version_flag("--version", "floe " FLOE_VERSION);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "start the server and stay in the foreground");
  CLI::App* check = app.add_subcommand("check", "read the configuration and say what is wrong");
  CLI::App* doctor = app.add_subcommand(
      "doctor", "look at the host and say what to set; status 1 when something is bad");
  CLI::App* version = app.add_subcommand("version", "print the version");
  AddConfigOptions(serve, &options);
  AddConfigOptions(check, &options);
  AddConfigOptions(doctor, &options);
  check->add_flag("--print", options.print_config, "print the configuration in force");
  doctor->add_flag("--json", options.as_json, "answer in JSON");
  try {  // CLI11 reports by throwing; help and version are such reports as well
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {.options = std::nullopt, .exit_status = app.exit(error) == 0 ? 0 : 1};
  }
  if (check->parsed()) options.command = Command::kCheck;
  if (doctor->parsed()) options.command = Command::kDoctor;
  if (version->parsed()) options.command = Command::kVersion;
  return {.options = options, .exit_status = 0};
}

}  // namespace floe::server
