// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace floe::server {

// Whether what reads stdout wants colours: https://no-color.org
bool HasColours();

// All of it, whatever a signal cuts; what the reader does not take is lost.
void WriteOut(absl::string_view text);

// Terminal is a screen of its own on stdin and stdout for as long as it lives; afterwards all is as
// it was before, however the program is asked to end.
//
// Lifetime  one at a time.
// Threads   One; in the whole process, since it blocks signals.
// Failure   None: what a terminal does not know it leaves out.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  struct Size {
    size_t width = 80, height = 24;
  };
  Size size() const;

  enum class Event : uint8_t { kTimeIsOver, kResized, kQuit };
  // Waits for q, SIGINT and the like, or for another size, or until `by`.
  Event Wait(Instant by);

 private:
  Event ReadKeys();

  termios before_{};
  bool is_changed_ = false;  // stdin is a terminal, and set differently now
  int signal_fd_ = -1;
};

}  // namespace floe::server
