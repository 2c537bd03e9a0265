// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace floe::log {
namespace {

std::string AsUtf8(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    absl::StrAppend(&out, bytes > 0 ? text.substr(0, bytes) : "\uFFFD");
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return out;
}

}  // namespace

void AppendEscaped(std::string* out, absl::string_view text, bool json) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (json && !IsUtf8(text)) return AppendEscaped(out, AsUtf8(text), json);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppend(out, json ? "\\u00" : "\\x");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 0xf]);
    } else {
      out->push_back(c);
    }
  }
}

void AppendJsonField(std::string* out, absl::string_view name, absl::string_view text) {
  absl::StrAppend(out, ",\"", name, "\":\"");
  AppendEscaped(out, text, /*json=*/true);
  out->push_back('"');
}

std::string Word(absl::string_view text) {
  if (text.empty()) return "-";
  std::string word;
  AppendEscaped(&word, text, /*json=*/false);
  std::replace(word.begin(), word.end(), ' ', '_');
  return word;
}

}  // namespace floe::log
