// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/wire/reply_head.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace floe::tools {
namespace {

// Where the empty line ends, or 0. Lines end with LF, with or without CR before it.
size_t EndOfHead(absl::string_view bytes) {
  for (size_t at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) {
    if (at + 1 < bytes.size() && bytes[at + 1] == '\n') return at + 2;
    if (at + 2 < bytes.size() && bytes[at + 1] == '\r' && bytes[at + 2] == '\n') return at + 3;
  }
  return 0;
}

uint32_t StatusOf(absl::string_view line) {
  if (!absl::StartsWith(line, "HTTP/1.") && !absl::StartsWith(line, "ICY ")) return 0;
  uint32_t status = 0;
  const size_t space = line.find(' ');
  if (!absl::SimpleAtoi(line.substr(space + 1, 3), &status)) return 0;
  return status;
}

}  // namespace

std::optional<ReplyHead> ReplyHead::Decode(absl::string_view bytes) {
  const size_t end = EndOfHead(bytes);
  if (end == 0 || end > kReplyHeadBytesMax) {
    if (bytes.size() <= kReplyHeadBytesMax) return std::nullopt;
    return ReplyHead{};
  }
  ReplyHead head;
  head.head_bytes = end;
  bool is_first = true;
  for (absl::string_view line : absl::StrSplit(bytes.substr(0, end), '\n')) {
    line = absl::StripSuffix(line, "\r");
    if (is_first) {
      head.status = StatusOf(line);
      is_first = false;
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string name = absl::AsciiStrToLower(line.substr(0, colon));
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
    if (name == "icy-metaint") (void)absl::SimpleAtoi(value, &head.metaint);
    if (name == "icy-br") (void)absl::SimpleAtoi(value.substr(0, value.find(',')), &head.kbps);
    if (name == "retry-after") (void)absl::SimpleAtoi(value, &head.retry_after_s);
    if (name == "content-type") {
      head.content_type = absl::AsciiStrToLower(value.substr(0, value.find(';')));
    }
  }
  return head;
}

}  // namespace floe::tools
