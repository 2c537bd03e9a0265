// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/wire/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace floe::tools {
namespace {

constexpr uint64_t kListenersPerSource = 500;
constexpr uint64_t kSources = 250 * 250;
constexpr uint32_t kFirstSource = (127u << 24) | (10u << 16);  // 127.10.0.0

}  // namespace

bool Address::IsLoopback4() const {
  if (family() != AF_INET) return false;
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
  return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
}

absl::StatusOr<Address> Address::Resolve(absl::string_view text) {
  absl::string_view rest = absl::StripSuffix(absl::StripPrefix(text, "http://"), "/");
  const size_t colon = rest.rfind(':');
  if (colon == rest.npos || absl::EndsWith(rest, "]")) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" names no port: say host:port, such as 127.0.0.1:8000"));
  }
  const std::string port(rest.substr(colon + 1));
  const std::string host(absl::StripSuffix(absl::StripPrefix(rest.substr(0, colon), "["), "]"));
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &wanted, &found); error != 0) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\": ", gai_strerror(error)));
  }
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.bytes = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

Address LoopbackSource(uint64_t index) {
  const uint64_t source = index / kListenersPerSource % kSources;
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(kFirstSource + uint32_t(source / 250 << 8 | (source % 250 + 1)));
  address.bytes = sizeof(v4);
  return address;
}

std::string MountPath(absl::string_view pattern, uint32_t number) {
  return absl::StrReplaceAll(pattern, {{"%d", absl::StrCat(number)}});
}

}  // namespace floe::tools
