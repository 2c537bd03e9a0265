// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace floe {

// Address is who is at the other end: 18 bytes, for IPv4 and IPv6 alike. IPv4 is kept as the mapped
// IPv6 address (RFC 4291, 2.5.5.2), which is also how a dual-stack socket reports it, so that one
// peer has one spelling.
struct Address {
  std::array<uint8_t, 16> bytes{};
  uint16_t port = 0;  // host order

  static Address From(const sockaddr_storage& from);
  // A numeric address without brackets, port and zone; none when it is anything else.
  static std::optional<Address> Parse(absl::string_view host);

  bool is_v4() const;

  // "192.0.2.1" or "2001:db8::1", without the port.
  std::string Host() const;
  // "192.0.2.1:8000" or "[2001:db8::1]:8000".
  std::string HostAndPort() const;

  bool operator==(const Address&) const = default;
};

}  // namespace floe
