// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Another server's configuration to a floe.toml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "importer/draft.h"
#include "importer/surroundings.h"

namespace floe::importer {

enum class Format : uint8_t { kIcecast, kVibe, kGoCast, kTinyIce, kLegacyStream };

// "icecast", "vibe", "gocast", "tinyice", "legacystream": what --format takes.
absl::string_view NameOf(Format format);
std::optional<Format> FormatOf(absl::string_view name);
// All of them, with commas between.
std::string FormatNames();

// What a text is by what it says, and where that leaves a doubt by its file's name; empty when it
// is nothing that is known.
std::optional<Format> Recognize(absl::string_view text, absl::string_view name);

struct Imported {
  std::string toml;  // config::LoadText takes it
  bool has_secrets = false;
  std::vector<Note> notes;

  bool is_whole() const;  // nothing was left out
};

// Reads `text`, carries over what Floe has, and notes the rest. What Floe's configuration refuses
// of that is taken out again and noted as well, so that the result always loads.
//
// Errors    InvalidArgument: the text is not of that format, with the line where it is known. No
//           piece of it is repeated.
// Threads   Any. Blocks as far as the surroundings do.
absl::StatusOr<Imported> Import(absl::string_view text, Format format,
                                const Surroundings& surroundings);

}  // namespace floe::importer
