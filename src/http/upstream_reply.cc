// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/upstream_reply.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "http/charset.h"
#include "http/head_scan.h"
#include "http/header_list.h"
#include "http/lines.h"

namespace floe::http {
namespace {

constexpr size_t kReasonBytesMax = 200;

bool TakeNumber(absl::string_view text, uint64_t* number) {
  const bool is_digits =
      !text.empty() &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
  return is_digits && absl::SimpleAtoi(text, number);
}

// "HTTP/1.1 200 OK", "ICY 200 OK"; blanks may be more than one.
absl::Status TakeStatusLine(absl::string_view line, UpstreamReply* reply) {
  line = TrimBlanks(line);
  const size_t blank = std::min(line.find_first_of(" \t"), line.size());
  const absl::string_view protocol = line.substr(0, blank);
  absl::string_view rest = TrimBlanks(line.substr(blank));
  reply->is_icy = protocol == "ICY";
  if (!reply->is_icy && !absl::StartsWith(protocol, "HTTP/1.")) {
    return absl::InvalidArgumentError("what it answered is neither HTTP/1 nor ICY");
  }
  uint64_t status = 0;
  const absl::string_view digits = rest.substr(0, 3);
  const bool is_whole = rest.size() == 3 || (rest.size() > 3 && !absl::ascii_isdigit(rest[3]));
  if (!is_whole || !TakeNumber(digits, &status) || status < 100 || status > 599) {
    return absl::InvalidArgumentError("its status line has no status");
  }
  reply->status = int(status);
  rest = TrimBlanks(rest.substr(3));
  reply->reason = ToUtf8(rest.substr(0, std::min(rest.size(), kReasonBytesMax)));
  return absl::OkStatus();
}

absl::Status TakeBody(const HeaderList& headers, UpstreamReply* reply) {
  if (headers.HasToken("Transfer-Encoding", "chunked") && headers.Find("Content-Length")) {
    reply->body.kind = BodyFraming::Kind::kChunked;  // which holds: RFC 9112, 6.3
    return absl::OkStatus();
  }
  const absl::StatusOr<BodyFraming> body = FramingOf(headers);
  if (!body.ok()) return absl::InvalidArgumentError(body.status().message());
  reply->body = *body;
  if (body->kind == BodyFraming::Kind::kNone) reply->body.kind = BodyFraming::Kind::kUntilClose;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UpstreamReply> ParseReplyHead(absl::string_view head) {
  absl::string_view line;
  while (line.empty() && !head.empty()) line = TakeLine(&head);
  UpstreamReply reply;
  if (absl::Status taken = TakeStatusLine(line, &reply); !taken.ok()) return taken;
  const absl::StatusOr<HeaderList> headers = HeaderList::Parse(head, HeaderList::BadLine::kIgnore);
  if (!headers.ok()) return absl::InvalidArgumentError(headers.status().message());
  if (absl::Status taken = TakeBody(*headers, &reply); !taken.ok()) return taken;
  reply.stream = ParseSourceHeaders(*headers);
  reply.location = std::string(headers->Find("Location").value_or(""));
  uint64_t seconds = 0;
  if (TakeNumber(headers->Find("Retry-After").value_or(""), &seconds)) {
    reply.retry_after_s = uint32_t(std::min<uint64_t>(seconds, kRetryAfterSecondsMax));
  }
  if (const auto position = headers->Find(kPositionHeader); position.has_value()) {
    reply.position = ReadSaidPosition(*position);
  }
  absl::StatusOr<Hops> hops = ReadHops(headers->Find(kHopsHeader).value_or(""));
  if (!hops.ok()) return absl::InvalidArgumentError(hops.status().message());
  reply.hops = *std::move(hops);
  return reply;
}

}  // namespace floe::http
