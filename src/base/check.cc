// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace floe {

void DieOfBug(const char* what, const char* file, int line, uint64_t value) {
  std::fprintf(stderr, "floe: bug at %s:%d: %s (0x%" PRIx64 ")\n", file, line, what, value);
  std::abort();
}

}  // namespace floe
