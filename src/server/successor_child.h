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
// socket, and says through a pipe which process it is, and why it could not.
//
//   this process --spawns--> floe serve --take-over --forks--> the successor
//                               | ends at once
//
// So the successor is a child of the service manager's, as a main process has to be: systemd does
// not wait for one that it is not the parent of.
//
// Lifetime  From Start until it has taken over, or ended. Dropping it does not end the process.
// Threads   The main thread's.
class SuccessorChild {
 public:
  // `arguments` are those this process was started with, without its name; `control_path` is where
  // it can be met, whatever the configuration says by now. Errors: the binary cannot be run.
  static absl::StatusOr<SuccessorChild> Start(const std::string& binary,
                                              const std::vector<std::string>& arguments,
                                              const std::string& control_path);

  // Why it ended; empty while it runs. Does not wait.
  std::optional<absl::Status> HasEnded();
  // It took too long.
  void Kill();

  // How long it may take until it has reached the control socket.
  static constexpr milliseconds kArrivalTimeMax{15'000};
  bool IsLate(Instant now) const { return now - started_ > kArrivalTimeMax; }

 private:
  SuccessorChild(pid_t pid, UniqueFd report, Instant started)
      : pid_(pid), report_(std::move(report)), started_(started) {}

  void Hear();

  pid_t pid_;                // as it was spawned; 0 once that has ended
  pid_t successor_pid_ = 0;  // as it said
  int status_ = 0;           // with which what was spawned has ended
  bool is_silent_ = false;   // nobody has the other end of the pipe any more
  UniqueFd report_;
  std::string said_;
  Instant started_;
};

// In the process that was spawned, before it has threads: goes on as the successor, and tells.
void BecomeSuccessor(int report_fd);

// The file that this process runs: where it was, if it was replaced meanwhile.
std::string OwnBinary();

}  // namespace floe::server
