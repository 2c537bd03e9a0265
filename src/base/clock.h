// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Monotonic time. Only the shard, the tools and the tests ask the clock; everything else is told
// the time, so that a simulation can say what it is.
#pragma once

#include <chrono>

namespace floe {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC: one timeline for all processes
using Instant = Clock::time_point;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;  // NOLINT: 30s and 20ms read better than constructors

}  // namespace floe
