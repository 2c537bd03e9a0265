// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/http_url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace floe {
namespace {

constexpr absl::string_view kScheme = "http://";
constexpr absl::string_view kSchemeOfTls = "https://";
constexpr uint16_t kPortOfHttp = 80;
constexpr size_t kHostBytesMax = 253;  // of the DNS
constexpr size_t kPortDigitsMax = 5;

absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

bool IsVisibleAscii(char c) { return c > ' ' && c < 0x7f; }

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsName(absl::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_isalnum(uint8_t(c)) || absl::StrContains(".-_", c);
         });
}

// The host's end in `authority`: where a port may follow.
size_t HostBytes(absl::string_view authority) {
  if (!absl::StartsWith(authority, "[")) return std::min(authority.find(':'), authority.size());
  const size_t end = authority.find(']');
  return end == absl::string_view::npos ? 0 : end + 1;
}

absl::Status ReadAuthority(absl::string_view authority, HttpUrl* url) {
  if (absl::StrContains(authority, '@')) {
    return Refuse("holds a user or a password; these have keys of their own");
  }
  absl::string_view host = authority.substr(0, HostBytes(authority));
  absl::string_view port = authority.substr(host.size());
  url->is_ipv6 = absl::StartsWith(host, "[");
  if (url->is_ipv6) host = host.substr(1, host.size() - 2);
  url->host = absl::AsciiStrToLower(host);
  const bool is_host = url->is_ipv6 ? IsIpv6(url->host) : IsName(url->host);
  if (!is_host) return Refuse("names no host");
  if (port.empty() || port == ":") return absl::OkStatus();
  uint32_t number = 0;
  const bool is_port = port[0] == ':' && port.size() <= 1 + kPortDigitsMax &&
                       std::all_of(port.begin() + 1, port.end(), absl::ascii_isdigit) &&
                       absl::SimpleAtoi(port.substr(1), &number) && number >= 1 &&
                       number <= UINT16_MAX;
  if (!is_port) return Refuse("has no port from 1 to 65535 after its host");
  url->port = uint16_t(number);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HttpUrl> HttpUrl::Parse(absl::string_view text) {
  if (text.size() > kHttpUrlBytesMax) return Refuse("is too long for a URL");
  if (!std::all_of(text.begin(), text.end(), IsVisibleAscii)) {
    return Refuse("holds what a URL writes with a '%'");
  }
  if (absl::StartsWithIgnoreCase(text, kSchemeOfTls)) {
    return Refuse("is a URL of https, which is not there yet");
  }
  if (!absl::StartsWithIgnoreCase(text, kScheme)) return Refuse("does not begin with http://");
  absl::string_view rest = text.substr(kScheme.size());
  rest = rest.substr(0, rest.find('#'));
  const size_t authority_bytes = std::min(rest.find_first_of("/?"), rest.size());
  HttpUrl url;
  if (absl::Status read = ReadAuthority(rest.substr(0, authority_bytes), &url); !read.ok()) {
    return read;
  }
  const absl::string_view target = rest.substr(authority_bytes);
  url.target = absl::StrCat(absl::StartsWith(target, "/") ? "" : "/", target);
  return url;
}

std::string HttpUrl::Authority() const {
  const std::string written = is_ipv6 ? absl::StrCat("[", host, "]") : host;
  return port == kPortOfHttp ? written : absl::StrCat(written, ":", port);
}

std::string HttpUrl::ToString() const { return absl::StrCat(kScheme, Authority(), target); }

}  // namespace floe
