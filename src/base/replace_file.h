// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe {

// Writes the file beside itself and renames it, so that a crash leaves the old one or the new one,
// whole. Its owner stays, where that is allowed. Blocks. Errors: what the system says, with the
// path.
absl::Status ReplaceFile(const std::string& path, absl::string_view text, mode_t mode);

}  // namespace floe
