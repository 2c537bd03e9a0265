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

bool IsMapped(const Address& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

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

std::string Address::Host() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (IsMapped(*this)) {
    inet_ntop(AF_INET, bytes.data() + kMappedPrefix.size(), text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
  }
  return text;
}

std::string Address::HostAndPort() const {
  const std::string host = Host();
  if (IsMapped(*this)) return absl::StrCat(host, ":", port);
  return absl::StrCat("[", host, "]:", port);
}

}  // namespace floe
