// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace floe {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Address Address::From(const sockaddr_storage& from) {
  Address address;
  if (from.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof(v4));
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
    std::memcpy(address.bytes.data() + kMappedPrefix.size(), &v4.sin_addr, sizeof(v4.sin_addr));
    address.port = ntohs(v4.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &from, sizeof(v6));
    std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    address.port = ntohs(v6.sin6_port);
  }
  return address;
}

std::optional<Address> Address::Parse(absl::string_view host) {
  // A NUL would end the copy before its end.
  const bool is_short = !host.empty() && host.size() < INET6_ADDRSTRLEN;
  if (!is_short || host.find('\0') != absl::string_view::npos) return std::nullopt;
  const std::string text(host);
  Address address;
  in_addr v4{};
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET, text.c_str(), &v4) != 1) return std::nullopt;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  std::memcpy(address.bytes.data() + kMappedPrefix.size(), &v4, sizeof(v4));
  return address;
}

bool Address::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::string Address::Host() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + kMappedPrefix.size(), text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
  }
  return text;
}

std::string Address::HostAndPort() const {
  const std::string host = Host();
  if (is_v4()) return absl::StrCat(host, ":", port);
  return absl::StrCat("[", host, "]:", port);
}

}  // namespace floe
