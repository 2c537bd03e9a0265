// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "http/hops.h"
#include "http/request.h"
#include "http/source_headers.h"
#include "http/stream_position.h"

namespace floe::http {

// UpstreamReply is what a server answers to who asks for a stream: HTTP/1.0, HTTP/1.1, or "ICY 200
// OK" of SHOUTcast, whose header lines are half prose.
struct UpstreamReply {
  int status = 0;      // 100 to 599
  std::string reason;  // behind it; UTF-8 without control characters
  bool is_icy = false;
  SourceHeaders stream;  // Content-Type, icy-* and ice-*
  BodyFraming body;      // kUntilClose where no length is said and it is not chunked
  std::string location;  // of a redirect
  std::optional<uint32_t> retry_after_s;  // seconds; a date is passed over
  std::optional<StreamPosition> position;
  Hops hops;  // the servers that the stream has passed; of another Floe

  bool is_redirect() const {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }
};

inline constexpr uint32_t kRetryAfterSecondsMax = 24 * 60 * 60;  // more is not believed

// Parses a head as ScanReplyHead found it. Errors, sentences without a full stop: no status line,
// too many headers, a body that cannot be read, a list of hops that is none. A header line that is
// none is passed over.
absl::StatusOr<UpstreamReply> ParseReplyHead(absl::string_view head);

}  // namespace floe::http
