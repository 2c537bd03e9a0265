// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace floe::config {

// floe.toml(5) in mdoc(7): every table and key, with its default and what it may be.
std::string ManPage();

// Text that the formatter prints as it is, wherever in a line it stands.
std::string RoffEscape(absl::string_view text);

}  // namespace floe::config
