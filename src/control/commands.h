// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "control/protocol.h"
#include "control/reply.h"

namespace floe::control {

// Commands is what can be asked of the running server; the process answers.
//
// Threads   Called on the main thread, one at a time.
// Failure   A Status goes to who asked, and nowhere else.
class Commands {
 public:
  virtual ~Commands() = default;

  virtual Json Status(const Request& request) = 0;
  // Why a mount plays what it plays; of its result, "lines" is for people.
  virtual absl::StatusOr<Json> Explain(const Request& request) = 0;
  virtual absl::StatusOr<Json> Kick(const Request& request) = 0;
  // Makes, lists or removes tokens of the API; of its result, "token" is said this once.
  virtual absl::StatusOr<Json> Token(const Request& request) = 0;
  // Reads the configuration again. Answers what changed, a line each.
  virtual absl::StatusOr<std::vector<std::string>> Reload() = 0;
  // Has another binary take over; empty: the one that runs. The reply may be kept and answered
  // later, and must be: one that is dropped says that it was. Of its result, "summary" is a list of
  // sentences for who waits.
  virtual void Upgrade(std::string binary, Reply reply) = 0;
  // A next binary wants what this process has. `fd` is the callee's: a connected, nonblocking unix
  // stream of the same user or root, of which not one byte behind the request's line was read.
  virtual void TakeOver(int fd) = 0;
};

}  // namespace floe::control
