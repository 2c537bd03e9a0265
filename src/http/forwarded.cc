// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/forwarded.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace floe::http {
namespace {

// The text split at `mark` where it is in no quotes.
std::vector<absl::string_view> SplitOutsideQuotes(absl::string_view text, char mark) {
  std::vector<absl::string_view> parts;
  bool is_quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && is_quoted) {
      ++i;
    } else if (text[i] == '"') {
      is_quoted = !is_quoted;
    } else if (text[i] == mark && !is_quoted) {
      parts.push_back(absl::StripAsciiWhitespace(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(absl::StripAsciiWhitespace(text.substr(begin)));
  return parts;
}

// "192.0.2.7", "192.0.2.7:4711", "2001:db8::1", "[2001:db8::1]:4711".
std::optional<Address> ReadNode(absl::string_view text) {
  absl::string_view host = text;
  absl::string_view port;
  if (absl::StartsWith(text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!absl::StrContains(host, ':')) return std::nullopt;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  std::optional<Address> address = Address::Parse(host);
  if (!address.has_value() || port.empty()) return address;
  uint32_t number = 0;
  const bool is_port = port[0] == ':' && absl::SimpleAtoi(port.substr(1), &number);
  if (port[0] != ':') return std::nullopt;
  if (is_port && number <= 65'535) address->port = uint16_t(number);  // else an obfuscated one
  return address;
}

std::string Unquoted(absl::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string plain;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain.push_back(text[i]);
  }
  return plain;
}

// One element of Forwarded: "for=192.0.2.60;proto=http;by=203.0.113.43".
std::optional<Address> ReadElement(absl::string_view element) {
  for (const absl::string_view pair : SplitOutsideQuotes(element, ';')) {
    const size_t equals = pair.find('=');
    if (equals == absl::string_view::npos) continue;
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(pair.substr(0, equals)), "for")) {
      return ReadNode(Unquoted(absl::StripAsciiWhitespace(pair.substr(equals + 1))));
    }
  }
  return std::nullopt;
}

// All values of a header that may be there several times, which are one list.
std::string AllOf(const Request& request, absl::string_view name, bool* is_there) {
  std::string all;
  for (size_t i = 0; i < request.headers.size(); ++i) {
    const HeaderView header = request.headers[i];
    if (!absl::EqualsIgnoreCase(header.name, name)) continue;
    if (*is_there) all.push_back(',');
    *is_there = true;
    all.append(header.value.data(), header.value.size());
  }
  return all;
}

template <typename Read>
std::vector<std::optional<Address>> FromTheEnd(const std::vector<absl::string_view>& elements,
                                               const Read& read) {
  std::vector<std::optional<Address>> hops;
  for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
    if (hops.size() == kForwardedHopsMax) break;
    hops.push_back(read(*element));
    if (!hops.back().has_value()) break;
  }
  return hops;
}

}  // namespace

std::vector<std::optional<Address>> ForwardedHops(const Request& request) {
  bool is_there = false;
  const std::string forwarded = AllOf(request, "Forwarded", &is_there);
  if (is_there) return FromTheEnd(SplitOutsideQuotes(forwarded, ','), &ReadElement);
  const std::string listed = AllOf(request, "X-Forwarded-For", &is_there);
  if (is_there) return FromTheEnd(SplitOutsideQuotes(listed, ','), &ReadNode);
  const std::string real = AllOf(request, "X-Real-IP", &is_there);
  if (is_there) return FromTheEnd(SplitOutsideQuotes(real, ','), &ReadNode);
  return {};
}

}  // namespace floe::http
