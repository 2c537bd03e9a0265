// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace floe::server {

enum class Command : uint8_t {
  kServe,
  kCheck,
  kDoctor,
  kVersion,
  kImport,
  kPasswd,
  kEndpoints,
  // For the running server:
  kReload,
  kUpgrade,
  kStatus,
  kTop,
  kExplain,
  kKick,
  kToken,
};
inline bool IsForServer(Command command) { return command >= Command::kReload; }

struct Options {
  Command command = Command::kServe;
  std::optional<std::string> config_path;
  std::vector<std::string> sets;  // "key=value"
  bool print_config = false;      // check --print
  bool as_json = false;           // doctor, import, status, explain --json

  // ---- serve ----
  bool takes_over = false;  // --take-over
  std::string predecessor;  // --predecessor: its control socket, which may be configured anew
  int report_fd = -1;       // --report-fd: of the process that started this one to take over

  // ---- import ----
  std::string import_from;    // the other server's configuration
  std::string import_to;      // -o; empty: stdout
  std::string import_format;  // --format; empty: recognized
  bool is_forced = false;     // --force: what is at `import_to` is replaced
  // ---- passwd ----
  std::string method = "argon2id";  // --method
  bool reads_stdin = false;         // --stdin

  // ---- for the running server ----
  std::optional<std::string> control_path;  // unset: as the configuration has it
  bool lists_listeners = false;             // status --listeners
  std::string mount;                        // status --listeners, explain, kick --mount
  std::string source;                       // kick --source
  std::vector<uint64_t> ids;                // kick
  std::string binary;                       // upgrade --binary; empty: the one that runs
  std::string action;                       // token: add, list or remove
  std::string name;                         // token add, remove
  std::string role;                         // token add --role
  std::vector<std::string> mounts;          // token add --mount
  uint64_t days = 0;                        // token add --days
  bool is_once = false;                     // top --once
  milliseconds interval{1'000};             // top --interval
};

// What parsing answers: options, or that the process is to end with this status (help was shown,
// or an error was printed).
struct ParsedOptions {
  std::optional<Options> options;
  int exit_status = 0;
};
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace floe::server
