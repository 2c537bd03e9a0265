// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/toml_shape.h"

#include "absl/strings/match.h"

namespace floe::config {
namespace {

// Bytes of the string that begins `text` with its quote, up to and with its closing one; what is
// not closed ends with the line, or with the text if it may span lines.
size_t StringBytes(absl::string_view text) {
  const char quote = text[0];
  const bool is_long = text.size() >= 3 && text[1] == quote && text[2] == quote;
  size_t i = is_long ? 3 : 1;
  for (; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == '\n' && !is_long) {
      return i;
    } else if (text[i] == quote && !is_long) {
      return i + 1;
    } else if (text[i] == quote && absl::StartsWith(text.substr(i + 1), text.substr(1, 2))) {
      // A long string may end in quotes of its own: """he said "so""""" has two.
      i += 3;
      for (int own = 0; own < 2 && i < text.size() && text[i] == quote; ++own) ++i;
      return i;
    }
  }
  return text.size();
}

TextPosition PositionOf(absl::string_view text, size_t at) {
  TextPosition position = {1, 1};
  for (const char c : text.substr(0, at)) {
    position.column = c == '\n' ? 1 : position.column + 1;
    if (c == '\n') ++position.line;
  }
  return position;
}

}  // namespace

std::optional<TextPosition> FindDeepKey(absl::string_view text, uint32_t parts_max) {
  uint32_t dots = 0;
  for (size_t i = 0; i < text.size();) {
    switch (text[i]) {
      case '#':
        i = text.find('\n', i);
        if (i == absl::string_view::npos) return std::nullopt;
        continue;
      case '"':
      case '\'': i += StringBytes(text.substr(i)); continue;
      case '.':
        if (++dots >= parts_max) return PositionOf(text, i);
        break;
      case '\n':
      case '=':
      case ',':
      case '[':
      case ']':
      case '{':
      case '}': dots = 0; break;
      default: break;
    }
    ++i;
  }
  return std::nullopt;
}

}  // namespace floe::config
