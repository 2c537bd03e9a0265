// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/cidr.h"

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace floe {
namespace {

constexpr uint32_t kBits = 128;
constexpr uint32_t kMappedBits = 96;  // before an IPv4 address

absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

void Clear(std::array<uint8_t, 16>& bytes, uint32_t bits) {
  for (uint32_t i = 0; i < bytes.size(); ++i) {
    const uint32_t kept = std::clamp<int>(int(bits) - int(i) * 8, 0, 8);
    bytes[i] &= uint8_t(0xff00 >> kept);
  }
}

// The digits of a length, and nothing else: no sign, no blank.
std::optional<uint32_t> ReadLength(absl::string_view text) {
  uint32_t bits = 0;
  const bool is_number = !text.empty() && text.size() <= 3 &&
                         absl::c_all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number || !absl::SimpleAtoi(text, &bits)) return std::nullopt;
  return bits;
}

}  // namespace

absl::StatusOr<Cidr> Cidr::Parse(absl::string_view text) {
  const size_t slash = text.find('/');
  const absl::string_view host = text.substr(0, slash);
  const std::optional<Address> address = Address::Parse(host);
  if (!address.has_value()) return Refuse("is no address of IPv4 or IPv6");
  Cidr cidr = {address->bytes, kBits};
  if (slash == absl::string_view::npos) return cidr;
  const std::optional<uint32_t> length = ReadLength(text.substr(slash + 1));
  const bool is_v4 = host.find(':') == absl::string_view::npos;
  const uint32_t before = is_v4 ? kMappedBits : 0;
  if (!length.has_value() || *length + before > kBits) {
    return Refuse(absl::StrCat("has no length from 0 to ", kBits - before, " after its '/'"));
  }
  if (!is_v4 && address->is_v4() && *length < kMappedBits) {
    return Refuse("is an IPv4 address in IPv6, of which the first 96 bits say nothing");
  }
  cidr.bits = uint8_t(*length + before);
  Clear(cidr.bytes, cidr.bits);
  return cidr;
}

bool Cidr::Contains(const Address& address) const {
  // What is as long as the mapped prefix is compared with it.
  if (bits < kMappedBits && address.is_v4()) return false;
  const auto whole = bytes.begin() + bits / 8;
  if (!std::equal(bytes.begin(), whole, address.bytes.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = uint8_t(0xff00 >> (bits % 8));
  return (*whole & mask) == (address.bytes[size_t(bits / 8)] & mask);
}

std::string Cidr::ToString() const {
  const Address address = {bytes, 0};
  if (bits == kBits) return address.Host();
  const bool is_v4 = address.is_v4() && bits >= kMappedBits;
  return absl::StrCat(address.Host(), "/", is_v4 ? bits - kMappedBits : bits);
}

}  // namespace floe
