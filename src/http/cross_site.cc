// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/cross_site.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace floe::http {
namespace {

// "host:port" of an origin such as "https://host:port"; empty for "null" and what is none.
absl::string_view AuthorityOf(absl::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme == absl::string_view::npos) return "";
  return origin.substr(scheme + 3);
}

}  // namespace

bool IsCrossSite(const Request& request) {
  // Which of two is meant nobody can say.
  const bool is_ambiguous = request.headers.FindAll("Sec-Fetch-Site").size() > 1 ||
                            request.headers.FindAll("Origin").size() > 1;
  if (is_ambiguous) return true;
  if (const std::optional<absl::string_view> site = request.Header("Sec-Fetch-Site")) {
    // "none": typed, or a bookmark. A page of another host of the same site is another's as well.
    return !absl::EqualsIgnoreCase(*site, "same-origin") && !absl::EqualsIgnoreCase(*site, "none");
  }
  const std::optional<absl::string_view> origin = request.Header("Origin");
  if (!origin.has_value()) return false;
  const absl::string_view authority = AuthorityOf(*origin);
  return authority.empty() || !absl::EqualsIgnoreCase(authority, request.authority);
}

}  // namespace floe::http
