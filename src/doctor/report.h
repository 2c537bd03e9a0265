// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "doctor/finding.h"

namespace floe::doctor {

struct TextOptions {
  bool has_colours = false;
  std::string sysctl_file;  // of conf/60-floe.conf, where it is
};

// For people: bad, then advice with reasons, then good in short, and how to keep it. `findings` as
// Examine orders them.
std::string TextReport(const Findings& findings, const TextOptions& options);

// For programs: {"verdict": the worst, "counts": {"bad": 0, ...}, "findings": [{"name", "verdict",
// "is", "should_be", "why", "set"}]}, each finding with all six, in the same order.
std::string JsonReport(const Findings& findings);

// "bad", "advice", "unknown", "good".
const char* NameOf(Verdict verdict);

bool HasBad(const Findings& findings);

}  // namespace floe::doctor
