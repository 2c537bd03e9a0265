// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "config/config.h"

namespace floe::server {

// Where a server without `server.state_dir` keeps its state: /var/lib/floe for root, otherwise
// $XDG_STATE_HOME/floe or ~/.local/state/floe.
std::string DefaultStateDir();

// Makes that directory (mode 0700) unless it is there. Error: it cannot be made.
absl::Status MakeStateDir(const std::string& path);

struct Passwords {
  bool are_new = false;  // made just now: to be shown once
  std::string file;      // where they are kept
};

// Fills in the source and the admin password that the configuration leaves empty: those kept in
// `state_dir`/passwords, or new ones, which are put there (mode 0600, the directory 0700).
// Does nothing when both are configured. Errors: the file cannot be read or made.
absl::StatusOr<Passwords> FillInPasswords(const std::string& state_dir, config::Auth* auth);

}  // namespace floe::server
