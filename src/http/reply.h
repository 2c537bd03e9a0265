// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Replies as they go over the wire, but for the listener's (http/listener_head.h) and SHOUTcast's
// (http/shoutcast.h). None is ever chunked. Header values are cleaned: what a source says of
// itself cannot end a line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "http/request.h"

namespace floe::http {

// What every reply says of who sent it: "Floe/0.1.0".
absl::string_view ServerName();

inline constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// What sources of the SOURCE kind compare with, byte by byte.
inline constexpr absl::string_view kSourceOk = "HTTP/1.0 200 OK\r\n\r\n";
// Methods that mean something here. libshout chooses its own from this list.
inline constexpr absl::string_view kAllowedMethods =
    "GET, HEAD, POST, PUT, SOURCE, DELETE, OPTIONS";

// ReplyTo is what all replies to one request have in common; made once per request.
struct ReplyTo {
  Dialect dialect = Dialect::kHttp10;
  bool is_head = false;          // the reply's body is left out, its length is not
  bool keep_alive = false;       // the session goes on with the connection afterwards
  absl::Time now;                // wall clock, for Date
  std::string cors;              // lines from CorsHeaders
  bool errors_are_json = false;  // {"error":{"status":404,"message":"..."}} instead of text
  std::string allowed;           // methods, for 405; empty: all that mean something here

  ReplyTo(const Request& request, absl::Time at)
      : dialect(request.dialect), is_head(request.method == Method::kHead), now(at) {}
  // For what was not even a request: closes.
  explicit ReplyTo(absl::Time at) : now(at) {}
};

// A header of a reply beyond the usual ones.
struct ExtraHeader {
  std::string name;
  std::string value;
};

// A whole reply: head and body. Content-Type is left out when empty.
std::string Reply(const ReplyTo& to, int http_status, absl::string_view content_type,
                  absl::string_view body, const std::vector<ExtraHeader>& extra = {});

// A refusal: `text` and a newline as text/plain, or in JSON. 401 asks for a login, 405 says what is
// allowed, 503 and 429 say when to come back (kRetryAfterSeconds, or what the refusal says).
inline constexpr uint32_t kRetryAfterSeconds = 10;
std::string ErrorReply(const ReplyTo& to, int http_status, absl::string_view text);
std::string ErrorReply(const ReplyTo& to, const absl::Status& refusal);
// 503 or 429 with a Retry-After of the caller's choice.
std::string BusyReply(const ReplyTo& to, int http_status, uint32_t retry_after_s,
                      absl::string_view text);

// OPTIONS: 204 with Allow and, through `to.cors` and the preflight lines, what scripts may do.
std::string OptionsReply(const ReplyTo& to);
// 204.
std::string NoContentReply(const ReplyTo& to);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate(absl::Time at);

// `text` fit for a header value: control characters become spaces, those at its ends go.
std::string HeaderSafe(absl::string_view text);

// The begin of every head: status line, Server, Date, Connection. For reply builders.
void AppendHeadBegin(std::string* out, absl::string_view version, int http_status, bool keep_alive,
                     absl::Time now);
// "Name: value\r\n", the value made safe.
void AppendHeader(std::string* out, absl::string_view name, absl::string_view value);

}  // namespace floe::http
