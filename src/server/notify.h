// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the service manager is told: sd_notify(3)'s protocol, spoken here, so that no library of
// systemd's is needed. https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/unique_fd.h"

namespace floe::server {

// Who is to be told, and how often.
struct NotifyTarget {
  std::string socket;        // a path, or "@" and a name without one; empty: nobody
  microseconds watchdog{0};  // so often at least; 0: nobody waits for it
};

// The variables of the environment that say so; empty when they are not there.
struct NotifyVariables {
  absl::string_view socket;         // NOTIFY_SOCKET
  absl::string_view watchdog_usec;  // WATCHDOG_USEC
  absl::string_view watchdog_pid;   // WATCHDOG_PID
};
// `takes_over`: WATCHDOG_PID names the first of a row of processes; who takes over feeds the
// watchdog from then on. A socket of a kind that is not known counts as nobody.
NotifyTarget TargetOf(const NotifyVariables& variables, pid_t own_pid, bool takes_over);

// Text as one line, as STATUS= takes it.
std::string StatusLine(absl::string_view status);

// Notify tells the service manager how the process is. Without one it says nothing.
//
//   start     Ready            STATUS=..., READY=1
//   reload    Reloading        RELOADING=1, MONOTONIC_USEC=...
//             Reloaded         READY=1, well or refused
//   swap      TookOver         MAINPID=..., READY=1, by the next process
//             FallSilent       by the one before: its end is not the service's. So also by one
//                              that was to take over and does not
//   end       Draining         STOPPING=1, EXTEND_TIMEOUT_USEC=...
//             Stopping         STOPPING=1
//   between   Status, Feed     STATUS=..., WATCHDOG=1
//
// Lifetime  of the process.
// Threads   The main thread's, but for Reloading and Reloaded: any, one at a time. A manager that
//           does not read is waited for, kSendTimeMax at most.
// Failure   None: whoever listens is served all the same. The first one is logged.
class Notify {
 public:
  explicit Notify(const NotifyTarget& target);
  static Notify FromEnvironment(bool takes_over = false);

  void Ready(absl::string_view status);
  void TookOver(absl::string_view status);
  void FallSilent() { socket_ = UniqueFd(); }
  void Reloading(Instant now);
  void Reloaded() { Send("READY=1"); }
  void Stopping();
  // A stop comes after so long; who waits for it is to wait longer.
  void Draining(milliseconds drain);

  // What `systemctl status` shows; said when it is new, every kStatusInterval at most.
  void Status(Instant now, absl::string_view status);
  // To be called every FeedInterval: feeds the watchdog when that is due and all is well.
  void Feed(Instant now, bool is_well);
  // Half of what the watchdog waits; `otherwise` when that is longer or there is none.
  milliseconds FeedInterval(milliseconds otherwise) const;
  microseconds watchdog() const { return watchdog_; }

  static constexpr seconds kStatusInterval{5};
  static constexpr seconds kSendTimeMax{1};
  static constexpr seconds kStopTime{10};  // what a stop may take behind a drain

 private:
  void Send(absl::string_view message);

  const std::string path_;
  const microseconds watchdog_;
  UniqueFd socket_;  // none: nobody is told
  std::atomic<bool> has_failed_{false};
  std::string status_;  // said last
  Instant next_status_{};
  Instant next_feed_{};
};

}  // namespace floe::server
