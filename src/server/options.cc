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

// A command for the running server: where that is, the configuration says, or --control.
CLI::App* AddAsking(CLI::App* app, const char* name, const char* what, Options* options) {
  CLI::App* command = app->add_subcommand(name, what);
  AddConfigOptions(command, options);
  command->add_option("--control", options->control_path,
                      "the server's control socket (default: as configured)");
  return command;
}

CLI::App* AddImport(CLI::App* app, Options* options) {
  CLI::App* import = app->add_subcommand("import",
                                         "make a configuration of another server's; status 3 when "
                                         "something could not be carried over");
  import
      ->add_option("file", options->import_from,
                   "icecast.xml, gocast.vibe, GoCast's config.json, tinyice.json or "
                   "legacystream.ini")
      ->required();
  import->add_option("-o,--output", options->import_to, "where to write it (default: stdout)");
  import->add_option("--format", options->import_format,
                     "icecast, vibe, gocast, tinyice or legacystream (default: by what it says)");
  import->add_flag("--force", options->is_forced, "replace what is there");
  import->add_flag("--json", options->as_json, "answer in JSON");
  return import;
}

constexpr int kUsage = 2;  // of what an import's options do not allow
constexpr double kIntervalMin_s = 0.1, kIntervalMax_s = 3600;

struct Named {
  CLI::App* app;
  Command command;
};

CLI::App* AddTokenCommand(CLI::App* app, Options* options) {
  CLI::App* token =
      AddAsking(app, "token", "make a token for programs (add), list or remove them", options);
  token->add_option("action", options->action, "add, list or remove")
      ->required()
      ->check(CLI::IsMember({"add", "list", "remove"}));
  token->add_option("name", options->name, "the token's");
  token->add_option("--role", options->role, "source, relay, read, operate or configure (add)");
  token->add_option("--mount", options->mounts, "a mount that it is held to (add)")
      ->allow_extra_args(false);
  token->add_option("--days", options->days, "how long it is good (add; default: for ever)");
  token->add_flag("--json", options->as_json, "answer in JSON");
  return token;
}

std::vector<Named> AddAskingCommands(CLI::App* app, Options* options) {
  CLI::App* reload =
      AddAsking(app, "reload", "have the server read its configuration again", options);
  CLI::App* upgrade =
      AddAsking(app, "upgrade", "have another binary take over, with all who listen", options);
  upgrade->add_option("--binary", options->binary, "its path (default: the one that runs)");
  CLI::App* status =
      AddAsking(app, "status", "what the server plays, to whom, and how it does", options);
  status->add_flag("--json", options->as_json, "answer in JSON");
  CLI::Option* listeners =
      status->add_flag("--listeners", options->lists_listeners, "list the listeners");
  status->add_option("mount", options->mount, "only those of this mount")->needs(listeners);
  CLI::App* top = AddAsking(app, "top", "watch the server; q leaves", options);
  top->add_flag("--once", options->is_once, "print it once");
  top->add_option_function<double>(
         "--interval",
         [options](double seconds) { options->interval = milliseconds(int64_t(seconds * 1000)); },
         "seconds from one look to the next (default: 1)")
      ->check(CLI::Range(kIntervalMin_s, kIntervalMax_s));
  CLI::App* explain =
      AddAsking(app, "explain", "why a mount plays what it plays, and what comes next", options);
  explain->add_flag("--json", options->as_json, "answer in JSON");
  explain->add_option("mount", options->mount, "its name")->required();
  CLI::App* kick = AddAsking(app, "kick", "close listeners, or a source", options);
  CLI::Option_group* who = kick->add_option_group("who");
  who->add_option("ids", options->ids, "listeners, by number: floe status --listeners");
  who->add_option("--mount", options->mount, "all who hear this mount");
  who->add_option("--source", options->source, "who feeds this mount");
  who->require_option(1);
  CLI::App* token = AddTokenCommand(app, options);
  return {{token, Command::kToken},   {reload, Command::kReload}, {upgrade, Command::kUpgrade},
          {status, Command::kStatus}, {top, Command::kTop},       {explain, Command::kExplain},
          {kick, Command::kKick}};
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
  CLI::App* import = AddImport(&app, &options);
  CLI::App* passwd = app.add_subcommand("passwd", "make a hash of a password");
  passwd->add_option("--method", options.method, "argon2id, bcrypt or yescrypt")
      ->check(CLI::IsMember({"argon2id", "bcrypt", "yescrypt"}));
  passwd->add_flag("--stdin", options.reads_stdin, "read the password from standard input");
  // Hidden: what a test asks everybody for.
  CLI::App* endpoints = app.add_subcommand("endpoints", "list the server's own paths")->group("");
  const std::vector<Named> asking = AddAskingCommands(&app, &options);
  serve->add_flag("--take-over", options.takes_over,
                  "go on for the server that runs, instead of starting anew: nobody is dropped");
  // Hidden: of an upgrade.
  serve->add_option("--predecessor", options.predecessor)->group("");
  serve->add_option("--report-fd", options.report_fd)->group("");
  AddConfigOptions(serve, &options);
  AddConfigOptions(check, &options);
  AddConfigOptions(doctor, &options);
  check->add_flag("--print", options.print_config, "print the configuration in force");
  doctor->add_flag("--json", options.as_json, "answer in JSON");
  try {  // CLI11 reports by throwing; help and version are such reports as well
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int wrong = import->parsed() ? kUsage : 1;
    return {.options = std::nullopt, .exit_status = app.exit(error) == 0 ? 0 : wrong};
  }
  if (check->parsed()) options.command = Command::kCheck;
  if (doctor->parsed()) options.command = Command::kDoctor;
  if (version->parsed()) options.command = Command::kVersion;
  if (import->parsed()) options.command = Command::kImport;
  if (passwd->parsed()) options.command = Command::kPasswd;
  if (endpoints->parsed()) options.command = Command::kEndpoints;
  for (const Named& named : asking) {
    if (named.app->parsed()) options.command = named.command;
  }
  return {.options = options, .exit_status = 0};
}

}  // namespace floe::server
