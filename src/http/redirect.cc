// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/redirect.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace floe::http {

absl::StatusOr<HttpUrl> ResolveLocation(const HttpUrl& here, absl::string_view location) {
  location = absl::StripAsciiWhitespace(location);
  if (location.empty()) return absl::InvalidArgumentError("leads nowhere");
  if (absl::StartsWith(location, "//")) return HttpUrl::Parse(absl::StrCat("http:", location));
  const size_t slash = location.find('/');
  const size_t colon = location.find(':');
  if (colon < std::min({slash, location.find('?'), location.size()})) {
    return HttpUrl::Parse(location);
  }
  const absl::string_view path = absl::string_view(here.target).substr(0, here.target.find('?'));
  std::string next;
  if (slash == 0) {
    next = std::string(location);
  } else if (location.front() == '?') {
    next = absl::StrCat(path, location);
  } else {
    next = absl::StrCat(path.substr(0, path.rfind('/') + 1), location);
  }
  return HttpUrl::Parse(absl::StrCat("http://", here.Authority(), next));
}

std::string LogTextOf(const HttpUrl& url) {
  const size_t query = url.target.find('?');
  return absl::StrCat("http://", url.Authority(), absl::string_view(url.target).substr(0, query),
                      query == std::string::npos ? "" : "?...");
}

bool Trail::MayHaveLogin() const {
  return here().host == urls_.front().host && here().port == urls_.front().port;
}

absl::Status Trail::Follow(absl::string_view location) {
  absl::StatusOr<HttpUrl> next = ResolveLocation(here(), location);
  if (!next.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the redirect of ", LogTextOf(here()), " ", next.status().message()));
  }
  if (std::find(urls_.begin(), urls_.end(), *next) != urls_.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the redirect of ", LogTextOf(here()), " leads back to ", LogTextOf(*next)));
  }
  if (urls_.size() > kRedirectsMax) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kRedirectsMax, " redirects, from ",
                                                   LogTextOf(urls_.front()), " to ",
                                                   LogTextOf(*next)));
  }
  urls_.push_back(*std::move(next));
  return absl::OkStatus();
}

}  // namespace floe::http
