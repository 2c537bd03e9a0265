// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/lines.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/match.h"

namespace floe::http {
namespace {

constexpr absl::string_view kBlanks = " \t";

constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> is_token{};
  for (int c = '0'; c <= '9'; ++c) is_token[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) is_token[c] = is_token[c + 'a' - 'A'] = true;
  for (const unsigned char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    is_token[c] = true;
  }
  return is_token;
}();

constexpr uint64_t EachByte(uint8_t byte) { return UINT64_MAX / 0xff * byte; }

// Whether any byte of the word is below 0x20 or 0x7f. (May also say so of a byte next to one.)
bool HasControl(uint64_t word) {
  const uint64_t below_space = (word - EachByte(0x20)) & ~word;
  const uint64_t delete_is_zero = word ^ EachByte(0x7f);
  const uint64_t is_delete = (delete_is_zero - EachByte(0x01)) & ~delete_is_zero;
  return ((below_space | is_delete) & EachByte(0x80)) != 0;
}

bool HasBadByteClosely(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return !IsTextByte(c) && c != '\r' && c != '\n'; });
}

}  // namespace

bool HasBadByte(absl::string_view text) {
  while (text.size() >= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, text.data(), sizeof(word));
    // Most words have no control character at all; those with a line end are looked at closely.
    if (HasControl(word) && HasBadByteClosely(text.substr(0, sizeof(word)))) return true;
    text.remove_prefix(sizeof(word));
  }
  return HasBadByteClosely(text);
}

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return kTokenBytes[static_cast<uint8_t>(c)]; });
}

absl::string_view TrimBlanks(absl::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

absl::string_view TakeLine(absl::string_view* text) {
  const size_t end = text->find('\n');
  const absl::string_view line = text->substr(0, end);
  text->remove_prefix(end == absl::string_view::npos ? text->size() : end + 1);
  return WithoutLineEnd(line);
}

std::optional<RequestLine> SplitRequestLine(absl::string_view line) {
  line = TrimBlanks(line);
  const size_t first = line.find_first_of(kBlanks);
  if (first == absl::string_view::npos) return std::nullopt;
  const size_t last = line.find_last_of(kBlanks);
  const absl::string_view protocol = line.substr(last + 1);
  if (!absl::StartsWith(protocol, "HTTP/") && !absl::StartsWith(protocol, "ICE/")) {
    return std::nullopt;
  }
  return RequestLine{.method = line.substr(0, first),
                     .target = TrimBlanks(line.substr(first, last - first)),
                     .protocol = protocol};
}

}  // namespace floe::http
