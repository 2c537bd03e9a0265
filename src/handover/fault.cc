// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/fault.h"

#ifdef FLOE_FAULTS
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace floe::handover {

void ReachFaultPoint(const char* name) {
  const char* wanted = std::getenv("FAULT_POINT");
  if (wanted == nullptr) return;
  absl::string_view rest(wanted);
  if (!absl::ConsumePrefix(&rest, name)) return;
  if (rest == ":kill") raise(SIGKILL);
  if (rest == ":slow") absl::SleepFor(absl::Seconds(1));
  while (rest == ":hang") pause();
}

}  // namespace floe::handover
#endif
