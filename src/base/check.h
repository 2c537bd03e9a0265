// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What must hold or the process ends. A broken check is a bug in Floe, never an answer to input
// or to a failing system call: those are outcomes or absl::Status.
#pragma once

#include <cstdint>

namespace floe {

// Writes `what`, the place and a value worth knowing to stderr, then aborts.
[[noreturn]] void DieOfBug(const char* what, const char* file, int line, uint64_t value);

}  // namespace floe

#define FLOE_CHECK(condition)                                               \
  do {                                                                      \
    if (!(condition)) [[unlikely]] {                                        \
      ::floe::DieOfBug("check failed: " #condition, __FILE__, __LINE__, 0); \
    }                                                                       \
  } while (false)

// For a state that cannot be; `value` is what a post-mortem wants to see.
#define FLOE_BUG(what, value) ::floe::DieOfBug(what, __FILE__, __LINE__, uint64_t(value))
