// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::doctor {

// Files reads what the kernel says of itself, below a root: "" on a live host, a folder with a
// /proc and a /sys of its own in tests.
//
// Failure   Nothing answers: such files are missing on older kernels, hidden in containers, or not
//           for every user, and none of that is an error.
class Files {
 public:
  explicit Files(std::string root) : root_(std::move(root)) {}

  // The text without the blanks around it, cut at kTextBytesMax.
  std::optional<std::string> Text(absl::string_view path) const;
  // A whole number; nothing when it is something else.
  std::optional<uint64_t> Number(absl::string_view path) const;
  bool Has(absl::string_view path) const;
  // What stands in a folder, sorted by name.
  std::vector<std::string> Names(absl::string_view folder) const;

 private:
  std::string root_;
};

}  // namespace floe::doctor
