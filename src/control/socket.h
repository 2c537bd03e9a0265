// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "absl/status/status.h"

namespace floe::control {

// ControlSocket is the unix socket that commands arrive at, and the file that it is known by: mode
// 0600 from the first moment.
//
// Lifetime  The file goes with the destructor, unless the socket was handed over (Release) or
//           somebody else has put another one there.
// Threads   The main thread's.
// Failure   Open names the path and what to do.
class ControlSocket {
 public:
  ControlSocket() = default;
  ~ControlSocket() { Close(); }
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // Listens at the path; its directory must be there. A socket that nobody listens at any more is
  // replaced.
  // Errors: AlreadyExists    another process listens there;
  //         Unavailable      what else keeps it from being used: no directory, no permission, no
  //                          socket but something else.
  absl::Status Open(const std::string& path);
  // Goes on with one that another process opened, and which nobody has to wait for: whoever comes
  // meanwhile stands in its backlog. Takes the descriptor.
  // Errors: InvalidArgument when it is none of this kind; it is closed then.
  absl::Status Adopt(int fd);
  // Another process has it now: its file stays. fd() stays open until Close.
  void Release() { is_ours_ = false; }
  // The file goes, then the socket.
  void Close();

  // Listening and nonblocking; -1 while it is not open.
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  void Remember();

  int fd_ = -1;
  bool is_ours_ = false;  // the file
  std::string path_;
  std::pair<dev_t, ino_t> file_{};  // that was at the path when it was opened
};

}  // namespace floe::control
