// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "importer/draft.h"
#include "importer/import.h"

namespace floe::importer {

// What a person reads: what was left out first, a line each, "FILE:12: mount /live: dump-file:
// why".
std::string TextNotes(const std::vector<Note>& notes, absl::string_view file);

// What a program reads: {"format", "toml" or "written", "notes": [{"kind", "line", "where", "key",
// "why"}]}. `written` is where the result is; empty: it is in there.
std::string JsonReport(const Imported& imported, Format format, absl::string_view written);

}  // namespace floe::importer
