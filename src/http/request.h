// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "http/head_scan.h"
#include "http/header_list.h"
#include "http/status.h"
#include "http/url.h"

namespace floe::http {

enum class Dialect : uint8_t {
  kHttp10,
  kHttp11,  // and any later minor version
  kIce10,   // "SOURCE /live ICE/1.0"; answered like HTTP/1.0
};
// "HTTP/1.0", "HTTP/1.1", "ICE/1.0": what the request said, for the access log.
absl::string_view DialectName(Dialect dialect);

enum class Method : uint8_t {
  kGet,
  kHead,
  kPost,
  kPut,
  kSource,
  kDelete,
  kOptions,
  kStats,
  kOther,  // answered 405
};

// Request is a parsed request head. All of it is copied out of the receive buffer.
//
// Lifetime  Its own; views from Header() are good until it is moved.
// Threads   Immutable once parsed.
struct Request {
  Method method = Method::kOther;
  std::string method_text;
  Dialect dialect = Dialect::kHttp10;
  // As it was sent, for the access log: printable ASCII and bytes from 0x80 on.
  std::string target;
  // Percent-decoded once, without the query. Begins with '/' (or is "*", for OPTIONS), is valid
  // UTF-8 without control characters, has no "." or ".." segment and at most kMountNameBytesMax
  // bytes: fit to be looked up as a mount and printed as JSON. '/' may have been written %2F.
  std::string path;
  std::string query;  // after '?', as it was sent
  // Where the request was meant for: an absolute-form target's authority, else the Host header.
  // Not validated: BaseUrl() does that.
  std::string authority;
  HeaderList headers;

  std::optional<absl::string_view> Header(absl::string_view name) const {
    return headers.Find(name);
  }
  // Decodes the query; build it once.
  Query ParseQuery() const { return Query::Parse(query); }
};

// Parses a head as ScanHead found it (its blank line may be missing). Every error is a Refusal:
//   400  no request line, bad method or header line (no colon, folded, space before the colon, CR
//        within), a path that does not pass DecodePath, more than one Host
//   414  a path longer than kMountNameBytesMax
//   431  more than kRequestHeadersMax headers, or kRequestHeadBytesMax bytes
//   505  HTTP/0.9, HTTP/2.0 (its preface too), HTTP/3.0, ICE/2.0...
// Accepted on purpose: no space after ':', empty values, absolute-form targets, spaces inside the
// target (title updates of old encoders), HTTP/1.1 without Host.
absl::StatusOr<Request> ParseHead(absl::string_view head);

// Whether the listener asked for titles in the stream: Icy-MetaData with a number that is not 0.
bool WantsIcy(const Request& request);

// How long the body is.
struct BodyFraming {
  enum class Kind : uint8_t {
    kNone,        // nothing said. A PUT source without a length sends until it closes
    kLength,      // `length_bytes`
    kChunked,     // read with ChunkedReader
    kUntilClose,  // SOURCE: always raw
  };
  Kind kind = Kind::kNone;
  uint64_t length_bytes = 0;

  bool operator==(const BodyFraming&) const = default;
};
// Refusals: 400 for a Content-Length that is no number, beyond 2^63 - 1, said twice with different
// values or next to a Transfer-Encoding; 501 for a Transfer-Encoding other than chunked or
// identity.
absl::StatusOr<BodyFraming> FramingOf(const Request& request);
// The same by the headers alone, of a request or of a reply.
absl::StatusOr<BodyFraming> FramingOf(const HeaderList& headers);

// Whether the requester waits for "100 Continue" before it sends its body (HTTP/1.1 only).
bool ExpectsContinue(const Request& request);

// Whether the requester would go on with this connection after the reply: by default in HTTP/1.1,
// when asked in 1.0.
bool WantsKeepAlive(const Request& request);

}  // namespace floe::http
