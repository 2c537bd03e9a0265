// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "doctor/finding.h"
#include "doctor/host.h"
#include "doctor/plan.h"

namespace floe::doctor {

// Sysctl is one that is the same on every host that serves listeners: a line of conf/60-floe.conf,
// which a test compares with this table. What depends on the host or on the configuration is in
// checks.h.
struct Sysctl {
  enum class Rule : uint8_t {
    kExactly,
    kAtLeast,
    kAtMost,
    kCovers,  // two numbers, from and to: at least as wide
  };
  const char* name;
  const char* value;  // that is asked for
  Rule rule;
  const char* why;
  uint64_t bad_below = 0;   // a number under it loses listeners
  bool is_of_swap = false;  // means nothing where there is no swap
};
std::span<const Sysctl> Sysctls();

// A finding for each.
Findings CheckSysctls(const Host& host, const Plan& plan);

// The command that sets one until the next start of the host.
std::string SetSysctl(absl::string_view name, absl::string_view value);

}  // namespace floe::doctor
