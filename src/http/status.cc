// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/status.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace floe::http {
namespace {

constexpr absl::string_view kPayloadType = "floe/http-status";
constexpr absl::string_view kRetryAfterType = "floe/retry-after";

// The canonical code that reads best in a log; the payload is what counts.
absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 401: return absl::StatusCode::kUnauthenticated;
    case 403: return absl::StatusCode::kPermissionDenied;
    case 404: return absl::StatusCode::kNotFound;
    case 409: return absl::StatusCode::kAlreadyExists;
    case 413:
    case 414:
    case 429:
    case 431: return absl::StatusCode::kResourceExhausted;
    case 501:
    case 505: return absl::StatusCode::kUnimplemented;
    case 503: return absl::StatusCode::kUnavailable;
    default:
      return http_status < 500 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::string_view ReasonPhrase(int http_status) {
  switch (http_status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 508: return "Loop Detected";
    default: return "Unknown";
  }
}

absl::Status Refusal(int http_status, absl::string_view text) {
  FLOE_CHECK(http_status >= 400 && http_status <= 599);
  absl::Status status(CodeOf(http_status), text);
  status.SetPayload(kPayloadType, absl::Cord(absl::StrCat(http_status)));
  return status;
}

absl::Status RefusalFor(int http_status, absl::string_view text, uint32_t retry_after_s) {
  absl::Status status = Refusal(http_status, text);
  status.SetPayload(kRetryAfterType, absl::Cord(absl::StrCat(retry_after_s)));
  return status;
}

std::optional<uint32_t> RetryAfterOf(const absl::Status& refusal) {
  const auto payload = refusal.GetPayload(kRetryAfterType);
  uint32_t seconds = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &seconds)) {
    return std::nullopt;
  }
  return seconds;
}

int HttpStatusOf(const absl::Status& status) {
  if (status.ok()) return 200;
  const auto payload = status.GetPayload(kPayloadType);
  int http_status = 0;
  if (payload.has_value() && absl::SimpleAtoi(std::string(*payload), &http_status)) {
    return http_status;
  }
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange: return 400;
    case absl::StatusCode::kUnauthenticated: return 401;
    case absl::StatusCode::kPermissionDenied: return 403;
    case absl::StatusCode::kNotFound: return 404;
    case absl::StatusCode::kAlreadyExists: return 409;
    case absl::StatusCode::kDeadlineExceeded: return 408;
    case absl::StatusCode::kUnimplemented: return 501;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable: return 503;
    default: return 500;
  }
}

}  // namespace floe::http
