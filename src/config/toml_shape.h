// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace floe::config {

struct TextPosition {
  uint32_t line;
  uint32_t column;  // both from 1
};

// Finds the first key in TOML `text` that joins more than `parts_max` parts by dots. It knows
// strings and comments, no more of the language: text that is not TOML gets some answer, and the
// parser stops where it stops being TOML.
std::optional<TextPosition> FindDeepKey(absl::string_view text, uint32_t parts_max);

}  // namespace floe::config
