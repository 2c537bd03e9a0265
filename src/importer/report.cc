// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "config/value.h"

namespace floe::importer {
namespace {

absl::string_view NameOf(Note::Kind kind) {
  return kind == Note::Kind::kLeftOut ? "left_out" : "changed";
}

// Names of the file may hold what a terminal obeys.
std::string Plain(absl::string_view text) {
  std::string plain(text);
  if (config::IsPrintableUtf8(plain)) return plain;
  for (char& c : plain) {
    if (uint8_t(c) < 0x20 || uint8_t(c) >= 0x7f) c = '?';
  }
  return plain;
}

std::string LineOf(const Note& note, absl::string_view file) {
  std::string line = Plain(file);
  if (note.origin.line > 0) absl::StrAppend(&line, ":", note.origin.line);
  for (const std::string* part : {&note.origin.where, &note.origin.key}) {
    if (!part->empty()) absl::StrAppend(&line, ": ", Plain(*part));
  }
  return absl::StrCat("  ", line, ": ", Plain(note.why), "\n");
}

std::string Text(absl::string_view text) { return std::string(text); }

}  // namespace

std::string TextNotes(const std::vector<Note>& notes, absl::string_view file) {
  std::string text;
  for (const Note::Kind kind : {Note::Kind::kLeftOut, Note::Kind::kChanged}) {
    bool is_first = true;
    for (const Note& note : notes) {
      if (note.kind != kind) continue;
      if (is_first) {
        absl::StrAppend(&text, kind == Note::Kind::kLeftOut ? "NOT CARRIED OVER\n"
                                                            : "CARRIED OVER, BUT CHANGED\n");
      }
      is_first = false;
      absl::StrAppend(&text, LineOf(note, file));
    }
  }
  return text;
}

std::string JsonReport(const Imported& imported, Format format, absl::string_view written) {
  using Json = nlohmann::ordered_json;
  Json report;
  report["format"] = Text(NameOf(format));
  if (written.empty()) {
    report["toml"] = imported.toml;
  } else {
    report["written"] = Text(written);
  }
  report["notes"] = Json::array();
  for (const Note& note : imported.notes) {
    Json entry;
    entry["kind"] = Text(NameOf(note.kind));
    entry["line"] = note.origin.line > 0 ? Json(note.origin.line) : Json();
    entry["where"] = note.origin.where;
    entry["key"] = note.origin.key;
    entry["why"] = note.why;
    report["notes"].push_back(std::move(entry));
  }
  // Names of the file may be of any bytes.
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace floe::importer
