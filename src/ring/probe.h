// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace floe::ring {

// Asks the running kernel for everything Floe needs of io_uring, by using it, not by its version.
// Errors name each missing piece and what would supply it.
absl::Status ProbeKernel();

}  // namespace floe::ring
