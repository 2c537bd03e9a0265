// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "config/problems.h"
#include "config/value.h"

namespace floe::config {

// Reads TOML into a table of values, each with its place in the file `name`. Empty when the text is
// not TOML, or too long or too deep; `problems` then has the place and the reason, without any
// piece of the text that might be a value.
std::optional<Value> ReadToml(absl::string_view text, absl::string_view name, Problems& problems);

}  // namespace floe::config
