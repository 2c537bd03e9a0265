// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/cors.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/lines.h"

namespace floe::http {
namespace {

constexpr absl::string_view kExposed =
    "Access-Control-Expose-Headers: icy-br, icy-description, icy-genre, icy-metaint, icy-name, "
    "icy-pub, icy-url, ice-audio-info, Content-Range, Retry-After\r\n";
constexpr absl::string_view kPreflight =
    "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
    "Access-Control-Allow-Headers: Icy-MetaData, Range, If-Range, Authorization, Content-Type\r\n"
    "Access-Control-Max-Age: 3600\r\n";

}  // namespace

std::string CorsHeaders(absl::string_view origin, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), "*") != allowed.end()) {
    return absl::StrCat("Access-Control-Allow-Origin: *\r\n", kExposed);
  }
  if (allowed.empty()) return "";
  const bool is_allowed =
      std::any_of(allowed.begin(), allowed.end(),
                  [origin](const std::string& one) { return absl::EqualsIgnoreCase(one, origin); });
  // Without it a cache would give one origin's reply to another.
  constexpr absl::string_view kVaries = "Vary: Origin\r\n";
  const bool is_line_safe = std::all_of(origin.begin(), origin.end(), IsTextByte);
  if (!is_allowed || origin.empty() || !is_line_safe) return std::string(kVaries);
  return absl::StrCat("Access-Control-Allow-Origin: ", origin, "\r\n", kVaries, kExposed);
}

std::string CorsPreflightHeaders() { return std::string(kPreflight); }

}  // namespace floe::http
