// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe {

inline constexpr uint32_t kHttpUrlBytesMax = 2048;

// HttpUrl is where another server is asked: an absolute http URL, taken apart.
//
// Threads   Any; a plain value.
// Failure   Parse says in an InvalidArgument what is wrong, as the end of a sentence that begins
//           with the URL, and repeats nothing of it, which may hold a password.
struct HttpUrl {
  std::string host;      // a name in lower case, or an address; an IPv6 one without its brackets
  uint16_t port = 80;    // 1 to 65535
  std::string target;    // path and query as they were written; begins with '/'
  bool is_ipv6 = false;  // the host is a numeric IPv6 address

  // Refused are https, which Floe does not speak yet, a user or a password before the host, and
  // what could not stand in a request line. A fragment is left out: no server gets to see one.
  static absl::StatusOr<HttpUrl> Parse(absl::string_view text);

  // "origin.example", "origin.example:8000", "[2001:db8::1]:8000": what a Host header says.
  std::string Authority() const;
  // Reads back as the same; two URLs that ask for the same thing have the same.
  std::string ToString() const;

  bool operator==(const HttpUrl&) const = default;
};

}  // namespace floe
