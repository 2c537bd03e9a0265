// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace floe::http {
namespace {

using Kind = ProxyHeader::Kind;

constexpr absl::string_view kLineBegin = "PROXY ";
constexpr absl::string_view kLineEnd = "\r\n";
constexpr absl::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr uint32_t kBlockHeadBytes = 16;
// Version and command, family and protocol, of the block.
constexpr uint8_t kVersion2 = 0x20;
constexpr uint8_t kLocal = 0x0;
constexpr uint8_t kProxy = 0x1;
constexpr uint8_t kTcp4 = 0x11;
constexpr uint8_t kTcp6 = 0x21;
constexpr uint32_t kTcp4Bytes = 12;  // two addresses, two ports
constexpr uint32_t kTcp6Bytes = 36;

ProxyHeader Broken() { return {.kind = Kind::kBroken}; }

bool AreBegun(absl::string_view received, absl::string_view whole) {
  return absl::StartsWith(whole, received.substr(0, whole.size()));
}

std::optional<uint16_t> ReadPort(absl::string_view text) {
  uint32_t port = 0;
  const bool is_number = !text.empty() && text.size() <= 5 && absl::c_all_of(text, [](char c) {
    return absl::ascii_isdigit(uint8_t(c));
  });
  const bool has_zeros = text.size() > 1 && text[0] == '0';
  if (!is_number || has_zeros || !absl::SimpleAtoi(text, &port) || port > 65'535) {
    return std::nullopt;
  }
  return uint16_t(port);
}

// "PROXY TCP4 192.0.2.7 192.0.2.1 51234 8000".
ProxyHeader ReadLine(absl::string_view received) {
  const absl::string_view window = received.substr(0, kProxyLineBytesMax);
  const size_t end = window.find(kLineEnd);
  if (end == absl::string_view::npos) {
    return window.size() < kProxyLineBytesMax ? ProxyHeader{} : Broken();
  }
  ProxyHeader header = {.kind = Kind::kNoClient, .size_bytes = uint32_t(end + kLineEnd.size())};
  const std::vector<absl::string_view> words = absl::StrSplit(window.substr(0, end), ' ');
  if (words[1] == "UNKNOWN") return header;  // whatever it says besides
  const bool is_v4 = words[1] == "TCP4";
  if (words.size() != 6 || (!is_v4 && words[1] != "TCP6")) return Broken();
  const std::optional<Address> client = Address::Parse(words[2]);
  const std::optional<Address> server = Address::Parse(words[3]);
  const std::optional<uint16_t> client_port = ReadPort(words[4]);
  if (!client.has_value() || !server.has_value() || !client_port.has_value() ||
      !ReadPort(words[5]).has_value()) {
    return Broken();
  }
  const bool is_as_said =
      !absl::StrContains(words[2], ':') == is_v4 && !absl::StrContains(words[3], ':') == is_v4;
  if (!is_as_said) return Broken();
  header.kind = Kind::kClient;
  header.client = *client;
  header.client.port = *client_port;
  return header;
}

uint16_t ReadBigEndian(absl::string_view bytes) {
  return uint16_t(uint8_t(bytes[0]) << 8 | uint8_t(bytes[1]));
}

ProxyHeader ReadBlock(absl::string_view received) {
  if (received.size() < kBlockHeadBytes) return {};
  const auto command = uint8_t(received[12]);
  const auto family = uint8_t(received[13]);
  const uint32_t length = ReadBigEndian(received.substr(14));
  const uint32_t size = kBlockHeadBytes + length;
  if ((command & 0xf0) != kVersion2 || size > kProxyBlockBytesMax) return Broken();
  if ((command & 0x0f) != kLocal && (command & 0x0f) != kProxy) return Broken();
  if (received.size() < size) return {};
  ProxyHeader header = {.kind = Kind::kNoClient, .size_bytes = size};
  if ((command & 0x0f) == kLocal) return header;
  const absl::string_view block = received.substr(kBlockHeadBytes, length);
  if (family == kTcp4) {
    if (length < kTcp4Bytes) return Broken();
    constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::copy(kMapped.begin(), kMapped.end(), header.client.bytes.begin());
    std::copy_n(block.begin(), 4, header.client.bytes.begin() + kMapped.size());
    header.client.port = ReadBigEndian(block.substr(8));
  } else if (family == kTcp6) {
    if (length < kTcp6Bytes) return Broken();
    std::copy_n(block.begin(), 16, header.client.bytes.begin());
    header.client.port = ReadBigEndian(block.substr(32));
  } else {
    return header;
  }
  header.kind = Kind::kClient;
  return header;
}

}  // namespace

ProxyHeader ReadProxyHeader(absl::string_view received) {
  if (received.empty()) return {};
  if (received[0] == kSignature[0]) {
    if (!AreBegun(received, kSignature)) return Broken();
    return ReadBlock(received);
  }
  if (!AreBegun(received, kLineBegin)) return Broken();
  if (received.size() < kLineBegin.size()) return {};
  return ReadLine(received);
}

}  // namespace floe::http
