// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <signal.h>

#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "control/server.h"

namespace floe::server {

// MainLoop is where the main thread waits: for a signal, for those who ask at the control socket,
// for the time of its housekeeping. The audio knows nothing of it.
//
// Lifetime  of the process.
// Threads   The main thread's.
class MainLoop {
 public:
  explicit MainLoop(control::Server& control) : control_(control) {}
  ~MainLoop();
  MainLoop(const MainLoop&) = delete;
  MainLoop& operator=(const MainLoop&) = delete;

  // REQUIRES: the signals are blocked in every thread. Errors: what the kernel says.
  absl::Status Open(const sigset_t& signals);
  // Waits for a signal until `by`, and has those at the control socket served meanwhile. Answers
  // the signal's number; 0: the time is over.
  int Wait(Instant by);
  // The same, and nobody is served.
  int WaitForSignal(Instant by);

 private:
  int TakeSignal();

  control::Server& control_;
  int signal_fd_ = -1;
  std::vector<pollfd> polls_;  // of one turn
};

}  // namespace floe::server
