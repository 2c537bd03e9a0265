// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "config/load.h"
#include "importer/import.h"
#include "importer/report.h"

namespace floe::importer {

// Any text is either refused with a reason or becomes a configuration that loads, the same each
// time. Files that it names are there every other time, and hold the text itself.
inline void FuzzImport(const uint8_t* data, size_t size, Format format) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  Surroundings host;
  host.exists = [](const std::string& path) { return path.size() % 2 == 0; };
  host.read = [text](const std::string& path) -> absl::StatusOr<std::string> {
    if (path.size() % 2 != 0) return absl::NotFoundError("is not there");
    return std::string(text);
  };
  Recognize(text, "");
  const absl::StatusOr<Imported> imported = Import(text, format, host);
  if (!imported.ok()) {
    FLOE_CHECK(!imported.status().message().empty());
    return;
  }
  FLOE_CHECK(config::LoadText(imported->toml, "imported.toml", {}).ok());
  const absl::StatusOr<Imported> again = Import(text, format, host);
  FLOE_CHECK(again.ok() && again->toml == imported->toml);
  FLOE_CHECK(again->notes.size() == imported->notes.size());
  for (const Note& note : imported->notes) FLOE_CHECK(!note.why.empty());
  TextNotes(imported->notes, "fuzzed");
  FLOE_CHECK(!JsonReport(*imported, format, "").empty());
}

}  // namespace floe::importer
