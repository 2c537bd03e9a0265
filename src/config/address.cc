// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/bounds.h"

namespace floe::config {
namespace {

constexpr absl::string_view kLocalhost = "localhost";
constexpr absl::string_view kUnixPrefix = "unix:";

bool IsNumber(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return absl::ascii_isdigit(uint8_t(c)); });
}

Verdict Refuse(absl::string_view why, absl::string_view suggestion = "") {
  return Wrong{
      .why = std::string(why), .suggestion = std::string(suggestion), .suggests_string = true};
}

bool IsIpv6(absl::string_view host) {
  in6_addr unused;
  return inet_pton(AF_INET6, std::string(host).c_str(), &unused) == 1;
}

std::optional<uint16_t> ReadPort(absl::string_view text) {
  uint32_t port = 0;
  if (!IsNumber(text) || !absl::SimpleAtoi(text, &port) || port > UINT16_MAX) return std::nullopt;
  return uint16_t(port);
}

// Empty when `host` is no address of that family.
std::optional<SocketAddress> Numeric(absl::string_view host, bool is_ipv6, uint16_t port) {
  SocketAddress address = {};
  const std::string text(host);
  if (is_ipv6) {
    sockaddr_in6 in6 = {};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    if (inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr) != 1) return std::nullopt;
    std::memcpy(&address.storage, &in6, sizeof(in6));
    address.size_bytes = sizeof(in6);
    return address;
  }
  sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &in.sin_addr) != 1) return std::nullopt;
  std::memcpy(&address.storage, &in, sizeof(in));
  address.size_bytes = sizeof(in);
  return address;
}

// Says why `text`, which has no host and port to be read, is not an address.
Verdict RefuseForm(absl::string_view text) {
  if (IsNumber(text)) return Refuse("has no address", absl::StrCat("0.0.0.0:", text));
  if (IsIpv6(text)) {
    return Refuse("has no port, or no brackets around the address",
                  absl::StrCat("[", text, "]:8000"));
  }
  return Refuse("has no port",
                absl::StrContains(text, '[') || text.empty() ? "" : absl::StrCat(text, ":8000"));
}

}  // namespace

bool SocketAddress::operator==(const SocketAddress& other) const {
  return size_bytes == other.size_bytes && std::memcmp(&storage, &other.storage, size_bytes) == 0;
}

uint16_t PortOf(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 in6;
    std::memcpy(&in6, &address.storage, sizeof(in6));
    return ntohs(in6.sin6_port);
  }
  sockaddr_in in;
  std::memcpy(&in, &address.storage, sizeof(in));
  return ntohs(in.sin_port);
}

Verdict ReadAddress(absl::string_view text, SocketAddress* address) {
  if (absl::StartsWith(text, kUnixPrefix) || absl::StartsWith(text, "/")) {
    return Refuse("Unix sockets cannot be listened on");
  }
  const size_t colon = text.rfind(':');
  const bool is_bracketed = absl::StartsWith(text, "[");
  if (colon == absl::string_view::npos || (is_bracketed && text[colon - 1] != ']') ||
      (!is_bracketed && text.find(':') != colon)) {
    return RefuseForm(text);
  }
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port_text = text.substr(colon + 1);
  const std::optional<uint16_t> port = ReadPort(port_text);
  if (!port.has_value()) return Refuse("has a port that is not a number from 1 to 65535");
  if (host.empty() || host == "*") {
    return Refuse("has no address", absl::StrCat("0.0.0.0:", port_text));
  }
  if (host == kLocalhost) {
    return Refuse("names a host; addresses are numeric", absl::StrCat("127.0.0.1:", port_text));
  }
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const std::optional<SocketAddress> numeric = Numeric(host, is_bracketed, *port);
  if (!numeric.has_value()) {
    return Refuse(is_bracketed ? "has no IPv6 address in its brackets"
                               : "has no numeric IPv4 address; names are not looked up");
  }
  *address = *numeric;
  return std::nullopt;
}

absl::StatusOr<SocketAddress> ParseAddress(absl::string_view text) {
  SocketAddress address;
  const Verdict verdict = ReadAddress(text, &address);
  if (!verdict.has_value()) return address;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShownBytesMax)), "\" ", verdict->why,
                   DidYouMean(verdict->suggestion, /*quoted=*/true)));
}

}  // namespace floe::config
