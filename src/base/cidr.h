// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"

namespace floe {

// Cidr is a network: the addresses that begin with the same bits. As an Address does, it keeps IPv4
// as the mapped IPv6 address, so a listener of a dual-stack socket is in the network it is in.
//
// Threads   Any; a plain value.
// Failure   Parse says in an InvalidArgument what is wrong, as the end of a sentence that begins
//           with the text.
struct Cidr {
  std::array<uint8_t, 16> bytes{};  // beyond `bits`, zero
  uint8_t bits = 128;               // of the 16 bytes

  // "10.0.0.0/8", "2001:db8::/32", "::ffff:10.0.0.0/104"; without a length one address alone. Bits
  // beyond the length say nothing and are cleared.
  static absl::StatusOr<Cidr> Parse(absl::string_view text);
  static Cidr Of(const Address& address) { return {address.bytes, 128}; }

  // A network of IPv6, be it all of it, holds no address of IPv4.
  bool Contains(const Address& address) const;
  // As Parse takes it; one address without a length.
  std::string ToString() const;

  bool operator==(const Cidr&) const = default;
};

}  // namespace floe
