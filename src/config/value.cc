// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "config/bounds.h"

namespace floe::config {
namespace {

// Bytes of the well-formed UTF-8 character that begins `text`; 0 if none does.
size_t Utf8CharacterBytes(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return 0;
  // The second byte's range closes out overlong forms, surrogates and what lies past U+10FFFF.
  const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return bytes;
}

}  // namespace

std::string Place::ToString() const {
  if (source == Source::kDefaults) return "default";
  if (source != Source::kFile || line == 0) return std::string(name);
  return absl::StrCat(name, ":", line, ":", column);
}

std::string Shown(const Value& value) {
  const auto cut = [](absl::string_view text) {
    const bool whole = text.size() <= kShownBytesMax;
    const absl::string_view kept = text.substr(0, kShownBytesMax);
    return absl::StrCat(IsPrintableUtf8(kept) ? std::string(kept) : absl::CHexEscape(kept),
                        whole ? "" : "...");
  };
  switch (value.kind) {
    case Value::Kind::kBare:
    case Value::Kind::kString: return absl::StrCat("\"", cut(value.text), "\"");
    case Value::Kind::kInteger: return absl::StrCat(value.integer);
    case Value::Kind::kBoolean: return value.boolean ? "true" : "false";
    case Value::Kind::kList: return value.items.empty() ? "[]" : "[...]";
    case Value::Kind::kTable: return "a table";
    case Value::Kind::kOther: return value.text;
  }
  return "";
}

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", absl::string_view(&c, 1));
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04x", byte);
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

bool IsPrintableUtf8(absl::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<uint8_t>(text[0]);
    if (lead < 0x20 || lead == 0x7f) return false;
    const size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace floe::config
