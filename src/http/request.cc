// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/request.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/limits.h"
#include "http/lines.h"

namespace floe::http {
namespace {

constexpr size_t kMethodBytesMax = 32;

Method MethodOf(absl::string_view text) {
  struct Named {
    absl::string_view name;
    Method method;
  };
  static constexpr Named kMethods[] = {
      {"GET", Method::kGet},         {"HEAD", Method::kHead},     {"POST", Method::kPost},
      {"PUT", Method::kPut},         {"SOURCE", Method::kSource}, {"DELETE", Method::kDelete},
      {"OPTIONS", Method::kOptions}, {"STATS", Method::kStats},
  };
  for (const Named& known : kMethods) {
    if (text == known.name) return known.method;
  }
  return Method::kOther;
}

absl::StatusOr<Dialect> DialectOf(absl::string_view protocol) {
  if (protocol == "HTTP/1.1") return Dialect::kHttp11;
  if (protocol == "HTTP/1.0") return Dialect::kHttp10;
  if (protocol == "ICE/1.0") return Dialect::kIce10;
  absl::string_view version = protocol;
  const bool is_http = absl::ConsumePrefix(&version, "HTTP/");
  if (!is_http) absl::ConsumePrefix(&version, "ICE/");
  const bool is_version = version.size() == 3 && absl::ascii_isdigit(version[0]) &&
                          version[1] == '.' && absl::ascii_isdigit(version[2]);
  if (!is_version) return Refusal(400, "the request line ends in no version");
  if (is_http && version[0] == '1') return Dialect::kHttp11;
  return Refusal(505, "HTTP/1.1, HTTP/1.0 and ICE/1.0 are spoken here");
}

// Takes "http://authority" off the front of an absolute-form target, whose path may be missing.
absl::string_view TakeAuthority(absl::string_view* target) {
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(*target, scheme)) continue;
    absl::string_view rest = target->substr(scheme.size());
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    *target = rest.substr(end);
    absl::string_view authority = rest.substr(0, end);
    if (const size_t at = authority.rfind('@'); at != absl::string_view::npos) {
      authority.remove_prefix(at + 1);  // a login in a URL is not a login to us
    }
    return authority;
  }
  return {};
}

absl::Status ParseTarget(absl::string_view target, Request* request) {
  request->target = std::string(target);
  if (target == "*" && request->method == Method::kOptions) {
    request->path = request->target;
    return absl::OkStatus();
  }
  request->authority = std::string(TakeAuthority(&target));
  const size_t question = target.find('?');
  if (question != absl::string_view::npos) {
    request->query = std::string(target.substr(question + 1));
    target = target.substr(0, question);
  }
  if (target.empty() && !request->authority.empty()) target = "/";  // "http://host"
  absl::StatusOr<std::string> path = DecodePath(target);
  if (!path.ok()) return path.status();
  request->path = *std::move(path);
  return absl::OkStatus();
}

absl::Status ParseRequestLine(absl::string_view line, Request* request) {
  if (HasBadByte(line) || line.find('\r') != absl::string_view::npos) {
    return Refusal(400, "the request line has a control character");
  }
  const std::optional<RequestLine> parts = SplitRequestLine(line);
  if (!parts.has_value()) return Refusal(400, "the first line is no request line");
  const absl::StatusOr<Dialect> dialect = DialectOf(parts->protocol);
  if (!dialect.ok()) return dialect.status();
  request->dialect = *dialect;
  if (parts->method.size() > kMethodBytesMax || !IsToken(parts->method)) {
    return Refusal(400, "the method is none");
  }
  request->method_text = std::string(parts->method);
  request->method = MethodOf(parts->method);
  return ParseTarget(parts->target, request);
}

absl::Status TakeHost(Request* request) {
  bool has_host = false;
  for (size_t i = 0; i < request->headers.size(); ++i) {
    const HeaderView header = request->headers[i];
    if (!absl::EqualsIgnoreCase(header.name, "Host")) continue;
    if (has_host) return Refusal(400, "more than one Host");
    has_host = true;
    if (request->authority.empty()) request->authority = std::string(header.value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view DialectName(Dialect dialect) {
  switch (dialect) {
    case Dialect::kHttp10: return "HTTP/1.0";
    case Dialect::kHttp11: return "HTTP/1.1";
    case Dialect::kIce10: return "ICE/1.0";
  }
  return "";
}

absl::StatusOr<Request> ParseHead(absl::string_view head) {
  if (head.size() > kRequestHeadBytesMax) {
    return Refusal(431, absl::StrCat("a head of more than ", kRequestHeadBytesMax, " bytes"));
  }
  absl::string_view line;
  while (line.empty() && !head.empty()) line = TakeLine(&head);
  Request request;
  if (absl::Status parsed = ParseRequestLine(line, &request); !parsed.ok()) return parsed;
  absl::StatusOr<HeaderList> headers = HeaderList::Parse(head, HeaderList::BadLine::kRefuse);
  if (!headers.ok()) return headers.status();
  request.headers = *std::move(headers);
  if (absl::Status taken = TakeHost(&request); !taken.ok()) return taken;
  return request;
}

bool WantsIcy(const Request& request) {
  const std::optional<absl::string_view> asked = request.Header("Icy-MetaData");
  int64_t number = 0;
  return asked.has_value() && absl::SimpleAtoi(*asked, &number) && number != 0;
}

absl::StatusOr<BodyFraming> FramingOf(const Request& request) {
  if (request.method != Method::kSource) return FramingOf(request.headers);
  BodyFraming framing;
  framing.kind = BodyFraming::Kind::kUntilClose;
  return framing;
}

absl::StatusOr<BodyFraming> FramingOf(const HeaderList& headers) {
  BodyFraming framing;
  for (const absl::string_view coding : headers.FindAll("Transfer-Encoding")) {
    if (coding.empty() || absl::EqualsIgnoreCase(coding, "identity")) continue;
    if (!absl::EqualsIgnoreCase(coding, "chunked") || framing.kind != BodyFraming::Kind::kNone) {
      return Refusal(501, "of transfer codings only chunked is known here");
    }
    framing.kind = BodyFraming::Kind::kChunked;
  }
  for (const absl::string_view text : headers.FindAll("Content-Length")) {
    uint64_t length = 0;
    const bool is_digits = !text.empty() && absl::ascii_isdigit(text.front());  // no sign
    if (!is_digits || !absl::SimpleAtoi(text, &length) ||
        length > uint64_t(std::numeric_limits<int64_t>::max())) {
      return Refusal(400, "Content-Length is no length");
    }
    if (framing.kind == BodyFraming::Kind::kChunked) {
      return Refusal(400, "Content-Length next to Transfer-Encoding");
    }
    if (framing.kind == BodyFraming::Kind::kLength && framing.length_bytes != length) {
      return Refusal(400, "Content-Length is said twice, differently");
    }
    framing = {.kind = BodyFraming::Kind::kLength, .length_bytes = length};
  }
  return framing;
}

bool ExpectsContinue(const Request& request) {
  return request.dialect == Dialect::kHttp11 && request.headers.HasToken("Expect", "100-continue");
}

bool WantsKeepAlive(const Request& request) {
  if (request.headers.HasToken("Connection", "close")) return false;
  if (request.dialect == Dialect::kHttp11) return true;
  return request.headers.HasToken("Connection", "keep-alive");
}

}  // namespace floe::http
