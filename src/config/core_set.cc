// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/core_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/bounds.h"

namespace floe::config {
namespace {

// SimpleAtoi takes signs and blanks, which are none of ours.
bool ReadNumber(absl::string_view text, uint32_t* number) {
  const bool has_digits_only = text.find_first_not_of("0123456789") == absl::string_view::npos;
  return has_digits_only && absl::SimpleAtoi(text, number) && *number <= kCoreMax;
}

}  // namespace

absl::StatusOr<std::vector<uint32_t>> ParseCoreList(absl::string_view text) {
  std::vector<uint32_t> cores;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(part, absl::MaxSplits('-', 1));
    const bool is_range = part.find('-') != absl::string_view::npos;
    uint32_t first = 0;
    uint32_t last = 0;
    if (!ReadNumber(ends.first, &first) || (is_range && !ReadNumber(ends.second, &last))) {
      return absl::InvalidArgumentError(absl::StrCat("\"", part, "\" is no core, nor a range"));
    }
    if (!is_range) last = first;
    if (last < first) {
      return absl::InvalidArgumentError(absl::StrCat("\"", part, "\" ends before it begins"));
    }
    for (uint32_t core = first; core <= last; ++core) {
      if (std::find(cores.begin(), cores.end(), core) != cores.end()) {
        return absl::InvalidArgumentError(absl::StrCat("has core ", core, " twice"));
      }
      cores.push_back(core);
    }
  }
  return cores;
}

absl::StatusOr<CoreSet> ParseCoreSet(absl::string_view text) {
  if (text == "auto") return CoreSet{.kind = CoreSet::Kind::kAllowed};
  if (text == "off") return CoreSet{.kind = CoreSet::Kind::kFree};
  if (absl::ConsumePrefix(&text, "node")) {
    CoreSet set{.kind = CoreSet::Kind::kNode};
    if (!ReadNumber(text, &set.node)) {
      return absl::InvalidArgumentError("names no NUMA node; the first is \"node0\"");
    }
    return set;
  }
  absl::StatusOr<std::vector<uint32_t>> cores = ParseCoreList(text);
  if (!cores.ok()) return cores.status();
  return CoreSet{.kind = CoreSet::Kind::kListed, .cores = *std::move(cores)};
}

}  // namespace floe::config
