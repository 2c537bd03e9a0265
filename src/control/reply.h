// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "control/protocol.h"

namespace floe::control {

class Server;

// Reply is what somebody who asked still waits for. It can be kept, and written to later; whoever
// asked may be gone by then, which changes nothing for who answers.
//
// Lifetime  Any, within that of the Server. The last one to go without Finish or Fail says so.
// Threads   The main thread's.
// Failure   None: a peer that is gone is told nothing. Progress and the end are sent at once, or
//           as far as the peer takes them; the server sends the rest as it can.
class Reply {
 public:
  // Of nobody: for what a signal asked for. What is said goes to the log.
  Reply() : is_open_(true) {}
  Reply(Reply&& other) noexcept
      : server_(other.server_),
        peer_(other.peer_),
        is_open_(std::exchange(other.is_open_, false)) {}
  Reply& operator=(Reply&& other) noexcept;
  ~Reply() { Drop(); }

  // A sentence for who waits.
  void Progress(absl::string_view text);
  // The end. What is said afterwards is not heard.
  void Finish(const Json& result);
  void Fail(const absl::Status& why);

 private:
  friend class Server;
  Reply(Server& server, uint64_t peer) : server_(&server), peer_(peer), is_open_(true) {}
  void Drop();

  Server* server_ = nullptr;  // null: the log
  uint64_t peer_ = 0;
  bool is_open_;
};

}  // namespace floe::control
