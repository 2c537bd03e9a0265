// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/unique_fd.h"

namespace floe::server {

// SuccessorChild is the next binary as this process starts it: it finds its own way to the control
// socket, and says through a pipe why it could not.
//
// Lifetime  From Start until it has taken over, or ended. Dropping it does not end the process.
// Threads   The main thread's.
class SuccessorChild {
 public:
  // `arguments` are those this process was started with, without its name.
  // Errors: the binary cannot be run.
  static absl::StatusOr<SuccessorChild> Start(const std::string& binary,
                                              const std::vector<std::string>& arguments);

  pid_t pid() const { return pid_; }
  // Why it ended; empty while it runs. Does not wait.
  std::optional<absl::Status> HasEnded();
  // It took too long.
  void Kill() const;

  // How long it may take until it has reached the control socket.
  static constexpr milliseconds kArrivalTimeMax{15'000};
  bool IsLate(Instant now) const { return now - started_ > kArrivalTimeMax; }

 private:
  SuccessorChild(pid_t pid, UniqueFd report, Instant started)
      : pid_(pid), report_(std::move(report)), started_(started) {}

  pid_t pid_;
  UniqueFd report_;
  Instant started_;
};

// The file that this process runs: where it was, if it was replaced meanwhile.
std::string OwnBinary();

}  // namespace floe::server
