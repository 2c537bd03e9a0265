// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace floe::tools {

// One line on the terminal that is written over and over; nothing at all when stderr is no
// terminal, so that a pipe or a log sees the result alone.
class LiveLine {
 public:
  LiveLine();
  ~LiveLine() { Clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool is_on() const { return is_on_; }
  void Show(absl::string_view text);
  void Clear();

 private:
  const bool is_on_;
};

// 12345678 as "12,345,678".
std::string Thousands(uint64_t number);

// 1234 us as "1.23 ms": three digits, the unit that fits.
std::string ReadableUs(uint64_t us);

}  // namespace floe::tools
