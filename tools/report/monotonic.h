// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Time as the tools measure it: nanoseconds of CLOCK_MONOTONIC, the same for every process of a
// machine, so that a stamp of the source can be compared at the listener.
#pragma once

#include <cstdint>
#include <ctime>

namespace floe::tools {

inline constexpr int64_t kNsPerMs = 1'000'000;
inline constexpr int64_t kNsPerSecond = 1'000'000'000;

inline int64_t NowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

}  // namespace floe::tools
