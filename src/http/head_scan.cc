// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/head_scan.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "base/limits.h"
#include "http/lines.h"
#include "http/shoutcast.h"

namespace floe::http {
namespace {

constexpr char kTlsHandshake = 0x16;  // a record's type, followed by the major version 3
constexpr char kTlsMajor = 0x03;

enum class Expect : uint8_t { kRequest, kIcyHeaders, kReply };

HeadScan Verdict(HeadScan scan, HeadScan::Kind kind, uint32_t size_bytes = 0) {
  scan.kind = kind;
  scan.size_bytes = size_bytes;
  return scan;
}

// The verdict on a line that has just ended.
HeadScan::Kind JudgeLine(absl::string_view line, Expect expect, HeadScan* scan) {
  if (line.empty()) {
    // A source may send a stray line end behind its password, a player before its request.
    const bool ends_head = scan->lines > 0;
    if (expect == Expect::kIcyHeaders) ++scan->lines;
    return ends_head ? HeadScan::Kind::kHead : HeadScan::Kind::kNeedMore;
  }
  const bool is_first = scan->lines++ == 0;
  if (!is_first || expect == Expect::kIcyHeaders) return HeadScan::Kind::kNeedMore;
  if (expect == Expect::kReply) {
    return LooksLikeStatusLine(line) ? HeadScan::Kind::kNeedMore : HeadScan::Kind::kGarbage;
  }
  if (LooksLikeRequestLine(line)) return HeadScan::Kind::kNeedMore;
  return line.size() <= kPasswordLineBytesMax ? HeadScan::Kind::kPasswordLine
                                              : HeadScan::Kind::kGarbage;
}

// The first bad byte of `text`, which has one.
size_t FirstBadByte(absl::string_view text) {
  size_t i = 0;
  while (IsTextByte(text[i]) || text[i] == '\r') ++i;
  return i;
}

HeadScan Scan(absl::string_view received, HeadScan scan, Expect expect) {
  const absl::string_view head = received.substr(0, kRequestHeadBytesMax);
  while (scan.looked_at_bytes < head.size()) {
    const absl::string_view fresh = head.substr(scan.looked_at_bytes);
    const size_t newline = std::min(fresh.find('\n'), fresh.size());
    if (const absl::string_view run = fresh.substr(0, newline); HasBadByte(run)) {
      scan.looked_at_bytes += uint32_t(FirstBadByte(run)) + 1;
      return Verdict(scan, HeadScan::Kind::kGarbage);
    }
    scan.looked_at_bytes += uint32_t(newline);
    if (newline == fresh.size()) break;
    const HeadScan::Kind kind = JudgeLine(
        WithoutLineEnd(head.substr(scan.line_begin, scan.looked_at_bytes - scan.line_begin)),
        expect, &scan);
    scan.line_begin = ++scan.looked_at_bytes;
    if (kind != HeadScan::Kind::kNeedMore) return Verdict(scan, kind, scan.looked_at_bytes);
  }
  return received.size() > head.size() ? Verdict(scan, HeadScan::Kind::kTooLong) : scan;
}

}  // namespace

HeadScan ScanHead(absl::string_view received, HeadScan before) {
  if (before.kind != HeadScan::Kind::kNeedMore) return before;
  // One byte of a TLS hello is a control byte like others; only with the second is it told apart.
  if (!received.empty() && received[0] == kTlsHandshake) {
    if (received.size() == 1) return before;
    before.looked_at_bytes = 2;
    return Verdict(before,
                   received[1] == kTlsMajor ? HeadScan::Kind::kTls : HeadScan::Kind::kGarbage);
  }
  return Scan(received, before, Expect::kRequest);
}

HeadScan ScanIcyHeaders(absl::string_view received, HeadScan before) {
  if (before.kind != HeadScan::Kind::kNeedMore) return before;
  return Scan(received, before, Expect::kIcyHeaders);
}

HeadScan ScanReplyHead(absl::string_view received, HeadScan before) {
  if (before.kind != HeadScan::Kind::kNeedMore) return before;
  return Scan(received, before, Expect::kReply);
}

bool LooksLikeStatusLine(absl::string_view line) {
  line = TrimBlanks(line);
  return absl::StartsWith(line, "HTTP/") || absl::StartsWith(line, "ICY ");
}

}  // namespace floe::http
