// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace floe::doctor {

// Worst first; what is said comes in this order.
enum class Verdict : uint8_t {
  kBad,      // the server will not start, or will lose or refuse listeners
  kAdvice,   // it works, and costs more than it must
  kUnknown,  // could not be read
  kGood,
};

// Finding is one thing of the host that was looked at.
struct Finding {
  std::string name;       // as the host calls it: "net.core.somaxconn", "eth0 offloads"
  std::string is;         // "unknown" where it could not be read
  std::string should_be;  // "at least 4096"
  Verdict verdict = Verdict::kGood;
  std::string why;  // a sentence: what it does to listeners
  std::string set;  // the line that makes it so
};
using Findings = std::vector<Finding>;

inline constexpr char kUnreadable[] = "unknown, could not be read";

}  // namespace floe::doctor
