// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"

namespace floe {

// The host's time zone ($TZ, /etc/localtime), read when it is asked for first and kept: abseil
// takes a lock at each question, and reads a file at the first. Asked once before threads start.
inline const absl::TimeZone& LocalZone() {
  static const absl::TimeZone zone = absl::LocalTimeZone();
  return zone;
}

}  // namespace floe
