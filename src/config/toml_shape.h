// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the TOML library must not be given, found before it looks.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace floe::config {

// Unfit is a place in a text and why the text is not parsed because of it.
struct Unfit {
  uint32_t line;
  uint32_t column;  // in characters; both from 1
  absl::string_view why;
};

// Finds the first of these in TOML `text`:
//   - a key that joins more than `parts_max` parts by dots. The library bounds how deep values
//     nest, not how many parts a key has, and frees what it read by recursion.
//   - a character beyond ASCII outside of quotes and comments, or where a backslash in a """-string
//     joins lines. TOML has a use for the latter only, and the library's behaviour is undefined at
//     many such characters (its issues 190 and 295).
// It knows strings and comments and no more of the language: text that is not TOML gets some
// answer, and the library stops where it stops being TOML.
std::optional<Unfit> FindUnfit(absl::string_view text, uint32_t parts_max);

}  // namespace floe::config
