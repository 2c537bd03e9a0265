// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what an upstream answers: the verdict must not depend on how they were cut, and what
// is parsed keeps its bounds. The same bytes as where a redirect leads.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/utf8.h"
#include "http/head_scan.h"
#include "http/redirect.h"
#include "http/upstream_reply.h"
#include "http/upstream_request.h"

namespace floe::http {
namespace {

HeadScan ScanInPieces(absl::string_view text, size_t piece_bytes) {
  HeadScan scan;
  for (size_t end = 0; end < text.size() && scan.kind == HeadScan::Kind::kNeedMore;) {
    end = std::min(text.size(), end + piece_bytes);
    scan = ScanReplyHead(text.substr(0, end), scan);
  }
  return scan;
}

void ParseAsReply(absl::string_view head) {
  const absl::StatusOr<UpstreamReply> reply = ParseReplyHead(head);
  if (!reply.ok()) return;
  FLOE_CHECK(reply->status >= 100 && reply->status <= 599);
  FLOE_CHECK(IsUtf8(reply->reason) && IsUtf8(reply->stream.name));
  FLOE_CHECK(reply->retry_after_s.value_or(0) <= kRetryAfterSecondsMax);
  FLOE_CHECK(reply->body.kind != BodyFraming::Kind::kNone);
  if (!reply->position.has_value()) return;
  const auto again = ReadAskedPosition(PositionToAsk(*reply->position));
  FLOE_CHECK(again.has_value() && again->offset_bytes == reply->position->offset_bytes);
}

void FollowAsRedirect(absl::string_view location) {
  Trail trail(HttpUrl::Parse("http://a:8000/b/c?d").value());
  if (!trail.Follow(location).ok()) return;
  StreamRequest request;
  request.url = trail.here();
  const std::string head = request.ToString();
  FLOE_CHECK(head.find("\r\n\r\n") == head.size() - 4);
  FLOE_CHECK(!trail.Follow("http://a:8000/b/c?d").ok());
}

}  // namespace
}  // namespace floe::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = floe::http::ScanInPieces(text, std::max<size_t>(size, 1));
  const auto by_bytes = floe::http::ScanInPieces(text, 1);
  FLOE_CHECK(by_bytes.kind == whole.kind && by_bytes.size_bytes == whole.size_bytes);
  if (whole.kind == floe::http::HeadScan::Kind::kHead) {
    floe::http::ParseAsReply(text.substr(0, whole.size_bytes));
  }
  floe::http::ParseAsReply(text);
  floe::http::FollowAsRedirect(text);
  return 0;
}
