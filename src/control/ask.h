// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "control/protocol.h"

namespace floe::control {

// Asks the server that listens at the first of the paths where one does, and answers the result.
// Blocks; `on_progress` is told what the server says on the way. `silence_max` is for each line.
// Errors: NotFound             no floe answers at any of the paths;
//         FailedPrecondition   what the server said instead of a result;
//         Unavailable          it went away, or said what nobody understands;
//         DeadlineExceeded     it was silent for too long.
absl::StatusOr<Json> Ask(const std::vector<std::string>& paths, const Request& request,
                         milliseconds silence_max,
                         absl::FunctionRef<void(absl::string_view)> on_progress);

}  // namespace floe::control
