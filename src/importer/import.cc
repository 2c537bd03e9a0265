// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/import.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/load.h"
#include "importer/bounds.h"
#include "importer/formats.h"
#include "importer/texts.h"

namespace floe::importer {
namespace {

struct Named {
  Format format;
  absl::string_view name;
};
constexpr std::array<Named, 5> kFormats = {{
    {Format::kIcecast, "icecast"},
    {Format::kVibe, "vibe"},
    {Format::kGoCast, "gocast"},
    {Format::kTinyIce, "tinyice"},
    {Format::kLegacyStream, "legacystream"},
}};
// What only one of the two that write JSON has.
constexpr std::array<absl::string_view, 6> kTinyIceKeys = {
    "bind_host",       "default_source_password", "advanced_mounts",
    "fallback_mounts", "visible_mounts",          "autodjs"};
constexpr std::array<absl::string_view, 3> kGoCastKeys = {"server", "limits", "auth"};
constexpr absl::string_view kLoaded = "floe.toml";
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

bool HasAny(const Item& root, std::span<const absl::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&root](absl::string_view key) { return root.Find(key) != nullptr; });
}

std::optional<Format> RecognizeJson(absl::string_view text, absl::string_view name) {
  const absl::StatusOr<Item> root = ReadJson(text);
  if (root.ok() && HasAny(*root, kTinyIceKeys)) return Format::kTinyIce;
  if (root.ok() && HasAny(*root, kGoCastKeys)) return Format::kGoCast;
  if (absl::EndsWith(name, "tinyice.json")) return Format::kTinyIce;
  if (absl::EndsWith(name, "config.json")) return Format::kGoCast;
  return std::nullopt;
}

// The first line that says something.
absl::string_view FirstLine(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && line[0] != '#' && line[0] != ';') return line;
  }
  return "";
}

absl::StatusOr<Item> Read(absl::string_view text, Format format) {
  switch (format) {
    case Format::kIcecast: return ReadXml(text, "icecast");
    case Format::kVibe: return ReadVibe(text);
    case Format::kGoCast:
    case Format::kTinyIce: return ReadJson(text);
    case Format::kLegacyStream: return ReadIni(text);
  }
  return absl::InternalError("a format without a reader");
}

void Translate(const Item& root, Format format, const Surroundings& surroundings, Draft* draft) {
  switch (format) {
    case Format::kIcecast: return FromIcecast(root, surroundings, draft);
    case Format::kVibe:
    case Format::kGoCast: return FromGoCast(root, draft);
    case Format::kTinyIce: return FromTinyIce(root, surroundings, draft);
    case Format::kLegacyStream: return FromLegacyStream(root, surroundings, draft);
  }
}

// Of each "floe.toml:3:9: why" why, by line.
std::map<uint32_t, std::string> RefusalsIn(absl::string_view message) {
  std::map<uint32_t, std::string> refusals;
  for (absl::string_view text : absl::StrSplit(message, '\n')) {
    if (!absl::ConsumePrefix(&text, absl::StrCat(kLoaded, ":"))) continue;
    uint32_t line = 0;
    const size_t why = text.find(": ");
    const bool is_placed = absl::SimpleAtoi(text.substr(0, text.find(':')), &line);
    if (!is_placed || why == absl::string_view::npos) continue;
    refusals.emplace(line, absl::StrCat("Floe refuses it: ", text.substr(why + 2)));
  }
  return refusals;
}

// Takes out what Floe refuses until it takes the rest.
absl::Status MakeLoadable(Draft* draft) {
  for (uint32_t round = 0; round < kRoundsMax; ++round) {
    const absl::Status status = config::LoadText(draft->ToToml(), kLoaded, {}).status();
    if (status.ok() || !draft->Drop(RefusalsIn(status.message()))) return status;
  }
  return absl::InvalidArgumentError("too much of it is what Floe refuses");
}

}  // namespace

absl::string_view NameOf(Format format) {
  for (const Named& named : kFormats) {
    if (named.format == format) return named.name;
  }
  return "";
}

std::optional<Format> FormatOf(absl::string_view name) {
  for (const Named& named : kFormats) {
    if (named.name == name) return named.format;
  }
  return std::nullopt;
}

std::string FormatNames() {
  return absl::StrJoin(kFormats, ", ", [](std::string* out, const Named& named) {
    absl::StrAppend(out, named.name);
  });
}

std::optional<Format> Recognize(absl::string_view text, absl::string_view name) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  const absl::string_view line = FirstLine(text);
  if (absl::StartsWith(line, "<")) return Format::kIcecast;
  if (absl::StartsWith(line, "{")) return RecognizeJson(text, name);
  if (absl::StartsWith(line, "[") || absl::EndsWith(name, ".ini")) return Format::kLegacyStream;
  if (absl::EndsWith(name, ".vibe")) return Format::kVibe;
  const size_t sign = line.find_first_of("={");
  if (sign == absl::string_view::npos) return std::nullopt;
  return line[sign] == '=' ? Format::kLegacyStream : Format::kVibe;
}

bool Imported::is_whole() const {
  return std::none_of(notes.begin(), notes.end(),
                      [](const Note& note) { return note.kind == Note::Kind::kLeftOut; });
}

absl::StatusOr<Imported> Import(absl::string_view text, Format format,
                                const Surroundings& surroundings) {
  const absl::StatusOr<Item> root = Read(text, format);
  if (!root.ok()) return root.status();
  Draft draft;
  Translate(*root, format, surroundings, &draft);
  if (absl::Status status = MakeLoadable(&draft); !status.ok()) return status;
  Imported imported;
  imported.toml = absl::StrCat("# By `floe import`, of a configuration of ", NameOf(format), ".\n",
                               draft.ToToml());
  imported.has_secrets = draft.has_secrets();
  imported.notes = draft.notes();
  return imported;
}

}  // namespace floe::importer
