// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What `floe top` shows. Pure: two answers of the server in, a screen out; rates are what changed
// between them, by the server's own clock.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "control/protocol.h"

namespace floe::control {

struct TopOptions {
  size_t width = 0;   // columns; 0: any
  size_t height = 0;  // lines; 0: any
  bool has_colours = false;
  std::string message;  // in the last line: why nothing new is shown
};

// Lines without their ends, at most `height`. `before` is null, or another process's, when there is
// nothing to compare with: rates are then "-".
std::vector<std::string> TopScreen(const Json& before, const Json& now, const TopOptions& options);

// What a terminal is sent to show these lines in place of what it showed.
std::string Painted(const std::vector<std::string>& lines);

}  // namespace floe::control
