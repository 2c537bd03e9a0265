// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/auth.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "http/lines.h"

namespace floe::http {
namespace {

constexpr size_t kCryptHashBytesMin = 13;  // shorter than any scheme's salt and hash
constexpr size_t kCryptPrefixBytesMax = 10;

// What follows `scheme` and at least one blank.
std::optional<absl::string_view> AfterScheme(absl::string_view value, absl::string_view scheme) {
  value = TrimBlanks(value);
  if (!absl::StartsWithIgnoreCase(value, scheme)) return std::nullopt;
  value.remove_prefix(scheme.size());
  if (value.empty() || (value.front() != ' ' && value.front() != '\t')) return std::nullopt;
  return TrimBlanks(value);
}

}  // namespace

std::optional<std::string> DecodeBase64(absl::string_view text) {
  // abseil reads over white space within, which is for mail and not for a header.
  if (text.find_first_of(" \t\r\n\f\v") != absl::string_view::npos) return std::nullopt;
  std::string decoded;
  if (!absl::Base64Unescape(text, &decoded)) return std::nullopt;
  return decoded;
}

std::optional<Credentials> ParseBasic(absl::string_view authorization) {
  const std::optional<absl::string_view> encoded = AfterScheme(authorization, "Basic");
  if (!encoded.has_value()) return std::nullopt;
  const std::optional<std::string> decoded = DecodeBase64(*encoded);
  if (!decoded.has_value() || decoded->find('\0') != std::string::npos) return std::nullopt;
  const size_t colon = decoded->find(':');
  if (colon == std::string::npos) return Credentials{.user = "", .password = *decoded};
  return Credentials{.user = decoded->substr(0, colon), .password = decoded->substr(colon + 1)};
}

std::optional<absl::string_view> ParseBearer(absl::string_view authorization) {
  const std::optional<absl::string_view> token = AfterScheme(authorization, "Bearer");
  if (!token.has_value() || token->empty()) return std::nullopt;
  return token;
}

bool SecretsEqual(absl::string_view a, absl::string_view b) {
  // Goes once over `a`, which is what the requester sent, whatever `b` is. Volatile: a compiler
  // that saw the loop's purpose could leave it early.
  volatile uint8_t difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference = difference | static_cast<uint8_t>(a[i] ^ other);
  }
  return difference == 0;
}

bool IsCryptHash(absl::string_view secret) {
  if (secret.size() < kCryptHashBytesMin || secret.front() != '$') return false;
  const size_t end = secret.find('$', 1);
  if (end == absl::string_view::npos || end == 1 || end > kCryptPrefixBytesMax) return false;
  const absl::string_view scheme = secret.substr(1, end - 1);
  return std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

}  // namespace floe::http
