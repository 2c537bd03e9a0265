// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/access_line.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "base/local_zone.h"
#include "base/log.h"
#include "base/utf8.h"

namespace floe::shard {
namespace {

std::atomic<bool> as_json{false};

// Within quotes: escapes what would end them, hex for what is not to be printed.
void AppendEscaped(std::string* out, absl::string_view text, bool json) {
  static constexpr char kHex[] = "0123456789abcdef";
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

void AppendQuoted(std::string* out, absl::string_view text) {
  out->push_back('"');
  AppendEscaped(out, text.empty() ? "-" : text, /*json=*/false);
  out->push_back('"');
}

// JSON is UTF-8 throughout, whatever peers say of themselves: a byte that belongs to no character
// becomes U+FFFD.
std::string AsUtf8(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    absl::StrAppend(&out, bytes > 0 ? text.substr(0, bytes) : "\uFFFD");
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return out;
}

void AppendField(std::string* out, absl::string_view name, absl::string_view text) {
  absl::StrAppend(out, ",\"", name, "\":\"");
  AppendEscaped(out, AsUtf8(text), /*json=*/true);
  out->push_back('"');
}

// A user name is one word of the line.
std::string Word(absl::string_view text) {
  if (text.empty()) return "-";
  std::string word;
  AppendEscaped(&word, text, /*json=*/false);
  for (char& c : word) {
    if (c == ' ') c = '_';
  }
  return word;
}

}  // namespace

std::string AccessLine::ToString(absl::Time ended) const {
  std::string line =
      absl::StrCat(peer.Host(), " - ", Word(user), " [",
                   absl::FormatTime("%d/%b/%Y:%H:%M:%S %z", ended, LocalZone()), "] ");
  AppendQuoted(&line, request);
  absl::StrAppend(&line, " ", status, " ", bytes, " ");
  AppendQuoted(&line, referer);
  line.push_back(' ');
  AppendQuoted(&line, agent);
  absl::StrAppend(&line, " ", absl::ToInt64Seconds(lasted));
  return line;
}

std::string AccessLine::ToJson(absl::Time ended) const {
  std::string line = absl::StrCat(
      R"({"time":")", absl::FormatTime(absl::RFC3339_sec, ended, absl::UTCTimeZone()), "\"");
  AppendField(&line, "peer", peer.Host());
  AppendField(&line, "user", user);
  AppendField(&line, "request", request);
  absl::StrAppend(&line, ",\"status\":", status, ",\"bytes\":", bytes);
  AppendField(&line, "referer", referer);
  AppendField(&line, "agent", agent);
  absl::StrAppend(&line, ",\"seconds\":", absl::ToInt64Seconds(lasted), "}");
  return line;
}

void LogAccess(const AccessLine& line) {
  if (!log::AccessWanted()) return;
  const absl::Time now = absl::Now();
  log::Access(as_json ? line.ToJson(now) : line.ToString(now));
}

void SetAccessLogJson(bool json) { as_json = json; }

}  // namespace floe::shard
