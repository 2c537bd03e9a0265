// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/playlist.h"

#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "audio/comments.h"

namespace floe::files {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

// The next line, without what ends it and blanks around it.
absl::string_view TakeLine(absl::string_view* text) {
  const size_t end = text->find('\n');
  const absl::string_view line = text->substr(0, end);
  text->remove_prefix(end == absl::string_view::npos ? text->size() : end + 1);
  return absl::StripAsciiWhitespace(line);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A URL's path as a file has it.
std::string Unescaped(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    plain += low >= 0 ? char(high << 4 | low) : text[i];
    if (low >= 0) i += 2;
  }
  return plain;
}

// Empty: it names no file.
std::string PathOf(absl::string_view name, absl::string_view folder) {
  if (absl::ConsumePrefix(&name, "file://")) {
    return absl::StartsWith(name, "/") ? Unescaped(name) : "";
  }
  const bool is_url = absl::StrContains(name.substr(0, name.find('/') + 2), "://");
  if (name.empty() || is_url || absl::StrContains(name, '\0')) return "";
  return absl::StartsWith(name, "/") ? std::string(name) : absl::StrCat(folder, "/", name);
}

}  // namespace

std::vector<Entry> ParseM3u(absl::string_view text, absl::string_view folder) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  std::vector<Entry> entries;
  std::string title;
  while (!text.empty() && entries.size() < kEntriesMax) {
    absl::string_view line = TakeLine(&text);
    if (absl::ConsumePrefix(&line, "#EXTINF:")) {
      const size_t comma = line.find(',');  // behind the length, and what else is said
      title = comma == absl::string_view::npos ? "" : audio::JoinTitle("", line.substr(comma + 1));
      continue;
    }
    if (line.empty() || line[0] == '#') continue;
    std::string path = PathOf(line, folder);
    if (!path.empty()) entries.push_back({.path = std::move(path), .title = std::move(title)});
    title.clear();
  }
  return entries;
}

std::vector<Entry> ParsePls(absl::string_view text, absl::string_view folder) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  std::map<uint32_t, Entry> by_number;
  while (!text.empty()) {
    const absl::string_view line = TakeLine(&text);
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos) continue;
    absl::string_view key = line.substr(0, equals);
    const absl::string_view value = absl::StripLeadingAsciiWhitespace(line.substr(equals + 1));
    const bool is_file = absl::StartsWithIgnoreCase(key, "file");
    const bool is_title = absl::StartsWithIgnoreCase(key, "title");
    if (!is_file && !is_title) continue;
    key.remove_prefix(is_file ? 4 : 5);
    uint32_t number = 0;
    if (!absl::SimpleAtoi(key, &number)) continue;
    if (by_number.size() >= kEntriesMax && !by_number.contains(number)) continue;
    if (is_file) by_number[number].path = PathOf(value, folder);
    if (is_title) by_number[number].title = audio::JoinTitle("", value);
  }
  std::vector<Entry> entries;
  for (auto& [number, entry] : by_number) {
    if (!entry.path.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace floe::files
