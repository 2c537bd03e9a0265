// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "config/describe.h"
#include "config/load.h"
#include "doctor/checks.h"
#include "doctor/host.h"
#include "doctor/plan.h"
#include "doctor/report.h"
#include "ring/probe.h"
#include "server/asking.h"
#include "server/control_path.h"
#include "server/endpoints.h"
#include "server/import_command.h"
#include "server/options.h"
#include "server/passwd.h"
#include "server/server.h"
#include "server/successor_child.h"
#include "server/terminal.h"

// What jemalloc is told, where it is linked in: give memory back soon after a rush, from a thread
// of its own, so that neither a shard nor an idle process holds it.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0";
}

namespace floe::server {
namespace {

constexpr char kDefaultConfigPath[] = "/etc/floe/floe.toml";
constexpr char kSysctls[] = "conf/60-floe.conf";  // of the source
constexpr char kInstalledSysctls[] = FLOE_DATA_DIR "/60-floe.conf";

// Each line of the text on its own, so that a list of problems reads as one.
int report_fd = -1;  // who started this process to be taken over from hears why it was not

int Fail(const absl::Status& status) {
  if (report_fd >= 0) dprintf(report_fd, "%s\n", std::string(status.message()).c_str());
  std::fprintf(stderr, "floe: %s\n", std::string(status.message()).c_str());
  return 1;
}

config::Sources SourcesOf(const Options& options) {
  config::Sources sources;
  sources.path = options.config_path;
  if (!sources.path.has_value() && ::access(kDefaultConfigPath, F_OK) == 0) {
    sources.path = kDefaultConfigPath;
  }
  sources.environment = config::EnvironmentFrom(environ);
  sources.sets = options.sets;
  return sources;
}

absl::StatusOr<config::Config> LoadConfig(const config::Sources& sources) {
  std::vector<std::string> warnings;
  absl::StatusOr<config::Config> config = config::Load(sources, &warnings);
  for (const std::string& warning : warnings) std::fprintf(stderr, "floe: %s\n", warning.c_str());
  return config;
}

int Doctor(const config::Config& config, bool as_json) {
  const doctor::Host host = doctor::ReadHost({.io_uring = ring::ProbeKernel()});
  const doctor::Findings findings = doctor::Examine(host, doctor::PlanOf(config, host));
  doctor::TextOptions options;
  options.has_colours = HasColours();
  options.sysctl_file = ::access(kInstalledSysctls, R_OK) == 0 ? kInstalledSysctls : kSysctls;
  const std::string report =
      as_json ? doctor::JsonReport(findings) : doctor::TextReport(findings, options);
  std::fputs(report.c_str(), stdout);
  return doctor::HasBad(findings) ? 1 : 0;
}

// Where the running server is. What it could start with may be out of reach of who asks, such as a
// password's file, or have mistakes in it, which the server will say.
absl::StatusOr<std::vector<std::string>> ControlPaths(const Options& options) {
  if (options.control_path.has_value()) return std::vector<std::string>{*options.control_path};
  const absl::StatusOr<config::Server> server = config::LoadServer(SourcesOf(options));
  if (!server.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        server.status().message(), "; --control names the socket without a configuration"));
  }
  return ControlPathsOf(*server);
}

int Main(int argc, char** argv) {
  const ParsedOptions parsed = ParseOptions(argc, argv);
  if (!parsed.options.has_value()) return parsed.exit_status;
  report_fd = parsed.options->report_fd;
  if (parsed.options->command == Command::kVersion) {
    std::puts("floe " FLOE_VERSION);
    return 0;
  }
  if (parsed.options->command == Command::kImport) return ImportConfig(*parsed.options);
  if (parsed.options->command == Command::kPasswd) {
    const absl::Status made = Passwd(parsed.options->method, parsed.options->reads_stdin);
    return made.ok() ? 0 : Fail(made);
  }
  if (parsed.options->command == Command::kEndpoints) {
    std::fputs(EndpointList().c_str(), stdout);
    return 0;
  }
  if (IsForServer(parsed.options->command)) {
    const absl::StatusOr<std::vector<std::string>> paths = ControlPaths(*parsed.options);
    return paths.ok() ? AskServer(*parsed.options, *paths) : Fail(paths.status());
  }
  config::Sources sources = SourcesOf(*parsed.options);
  absl::StatusOr<config::Config> config = LoadConfig(sources);
  if (!config.ok()) return Fail(config.status());
  if (parsed.options->command == Command::kCheck) {
    if (parsed.options->print_config) std::fputs(config::Describe(*config).c_str(), stdout);
    std::fputs("the configuration is valid\n", stderr);
    return 0;
  }
  if (parsed.options->command == Command::kDoctor) {
    return Doctor(*config, parsed.options->as_json);
  }
  if (parsed.options->takes_over && report_fd >= 0) BecomeSuccessor(report_fd);
  ServeOptions options;
  options.takes_over = parsed.options->takes_over;
  options.predecessor = parsed.options->predecessor;
  options.arguments.assign(argv + 1, argv + argc);
  const absl::Status ended = Serve(*std::move(config), std::move(sources), std::move(options));
  return ended.ok() ? 0 : Fail(ended);
}

}  // namespace
}  // namespace floe::server

int main(int argc, char** argv) { return floe::server::Main(argc, argv); }
