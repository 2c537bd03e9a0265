// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// How the bytes of a head make lines; what the scan and the parsers agree on.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace floe::http {

// A byte that may stand within a line. Those from 0x80 on are somebody's charset.
inline bool IsTextByte(char c) {
  const uint8_t byte = static_cast<uint8_t>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

// Whether a byte of `text` is neither text nor part of a line end. Eight bytes at a time.
bool HasBadByte(absl::string_view text);

// A method or a header name: one or more characters of RFC 9110's token.
bool IsToken(absl::string_view text);

// `line` (without its \n) without the \r or \r\r at its end.
inline absl::string_view WithoutLineEnd(absl::string_view line) {
  for (int i = 0; i < 2 && !line.empty() && line.back() == '\r'; ++i) line.remove_suffix(1);
  return line;
}

// Without the spaces and tabs around it.
absl::string_view TrimBlanks(absl::string_view text);

// Takes the next line off the front of `*text`, up to \n or the end, and returns it without its
// line end.
absl::string_view TakeLine(absl::string_view* text);

// The three parts of a request line: what is before the first blanks, what is behind the last, and
// all that is between, blanks included. Nothing unless the last begins with "HTTP/" or "ICE/".
struct RequestLine {
  absl::string_view method, target, protocol;
};
std::optional<RequestLine> SplitRequestLine(absl::string_view line);

inline bool LooksLikeRequestLine(absl::string_view line) {
  return SplitRequestLine(line).has_value();
}

}  // namespace floe::http
