// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/path.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "http/url.h"

namespace floe::api {
namespace {

constexpr absl::string_view kMount = "{mount}";

// What is behind the authority of an absolute target.
absl::string_view PathOf(absl::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  const size_t colon = target.find("://");
  if (absl::StartsWith(target, "/") || colon == absl::string_view::npos) return target;
  const size_t slash = target.find('/', colon + 3);
  return slash == absl::string_view::npos ? absl::string_view() : target.substr(slash);
}

}  // namespace

std::vector<std::string> SegmentsOf(absl::string_view target) {
  absl::string_view path = PathOf(target);
  if (!absl::ConsumePrefix(&path, "/")) return {};
  std::vector<std::string> segments;
  for (const absl::string_view segment : absl::StrSplit(path, '/')) {
    segments.push_back(http::PercentDecode(segment));
  }
  return segments;
}

std::optional<std::string> MatchPath(absl::string_view pattern,
                                     std::span<const std::string> segments) {
  std::string name;
  size_t at = 0;
  absl::ConsumePrefix(&pattern, "/");
  for (const absl::string_view part : absl::StrSplit(pattern, '/')) {
    if (at == segments.size()) return std::nullopt;
    const std::string& segment = segments[at++];
    if (!absl::StartsWith(part, "{")) {
      if (part != segment) return std::nullopt;
      continue;
    }
    if (segment.empty()) return std::nullopt;
    const bool lacks_slash = part == kMount && segment.front() != '/';
    name = absl::StrCat(lacks_slash ? "/" : "", segment);
  }
  if (at != segments.size()) return std::nullopt;
  return name;
}

}  // namespace floe::api
