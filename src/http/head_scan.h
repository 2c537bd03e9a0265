// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace floe::http {

// HeadScan says how far what was received so far is a request head, without parsing it.
//
// A verdict is reached at the first byte that allows one, so it is the same for every way the
// bytes were cut into receives. Lines end in \n, \r\n or \r\r\n (some encoders); empty lines before
// the first one are skipped. It is a plain value: pass the last one back in and only new bytes are
// looked at.
//
//   HeadScan scan;
//   while (scan.kind == HeadScan::Kind::kNeedMore) { receive...; scan = ScanHead(received, scan); }
struct HeadScan {
  enum class Kind : uint8_t {
    kNeedMore,
    kHead,          // `size_bytes` of head, blank line included; the rest is body or stream
    kPasswordLine,  // SHOUTcast v1: a first line that is no request line; `size_bytes` with its end
    kTooLong,       // no end within kRequestHeadBytesMax: 431
    kTls,           // a TLS hello on a plain port: close, nothing we could say would be understood
    kGarbage,       // NUL or another control byte: no protocol of ours
  };
  Kind kind = Kind::kNeedMore;
  uint32_t size_bytes = 0;  // meaningful with kHead and kPasswordLine

  // Where the scan stands, for the next call.
  uint32_t looked_at_bytes = 0;
  uint32_t line_begin = 0;
  uint32_t lines = 0;  // ended so far, not counting empty ones before the first

  bool operator==(const HeadScan&) const = default;
};

// `received` is all that came since the start; `before` is what the last call answered for a
// beginning of it. A verdict once reached stays.
HeadScan ScanHead(absl::string_view received, HeadScan before = {});

// The same for the header block a SHOUTcast v1 source sends after its password: lines up to an
// empty one, with no request line. Never answers kPasswordLine or kTls.
HeadScan ScanIcyHeaders(absl::string_view received, HeadScan before = {});

// The same for the head of a reply, "HTTP/1.0 200 OK" or "ICY 200 OK": a first line that is none is
// kGarbage, and so is audio without any head.
HeadScan ScanReplyHead(absl::string_view received, HeadScan before = {});

// Whether a reply may begin so.
bool LooksLikeStatusLine(absl::string_view line);

}  // namespace floe::http
