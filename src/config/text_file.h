// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace floe::config {

struct TextFile {
  std::string text;
  bool is_cut = false;           // there was more than asked for
  bool is_for_everyone = false;  // any user of the machine may read it
};

// Reads the first `bytes_max` bytes. Regular files only: anything else might never end, or never
// begin. Errors: NotFound, PermissionDenied and the like, with the path and the reason.
absl::StatusOr<TextFile> ReadTextFile(const std::string& path, size_t bytes_max);

}  // namespace floe::config
