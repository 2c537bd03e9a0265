// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "config/bounds.h"

namespace floe::config {
namespace {

constexpr size_t kPrefixBytesMin = 4;  // shorter beginnings are shared by chance

std::string Folded(absl::string_view name) {
  std::string folded = absl::AsciiStrToLower(name);
  std::replace(folded.begin(), folded.end(), '-', '_');
  return folded;
}

bool OneBeginsTheOther(absl::string_view one, absl::string_view other) {
  if (std::min(one.size(), other.size()) < kPrefixBytesMin) return false;
  return absl::StartsWith(one, other) || absl::StartsWith(other, one);
}

size_t SharedBeginningBytes(absl::string_view one, absl::string_view other) {
  const size_t bytes = std::min(one.size(), other.size());
  return size_t(std::mismatch(one.begin(), one.begin() + bytes, other.begin()).first - one.begin());
}

}  // namespace

uint32_t EditDistance(absl::string_view one, absl::string_view other) {
  one = one.substr(0, kSuggestedBytesMax);
  other = other.substr(0, kSuggestedBytesMax);
  // Three rows of the table of distances between beginnings: this one and the two before it.
  using Row = std::array<uint32_t, kSuggestedBytesMax + 1>;
  Row before = {}, previous = {}, row = {};
  for (uint32_t j = 0; j <= other.size(); ++j) previous[j] = j;
  for (uint32_t i = 1; i <= one.size(); ++i) {
    row[0] = i;
    for (uint32_t j = 1; j <= other.size(); ++j) {
      const uint32_t change = one[i - 1] == other[j - 1] ? 0 : 1;
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + change});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = previous;
    previous = row;
  }
  return previous[other.size()];
}

absl::string_view Nearest(absl::string_view name, std::span<const absl::string_view> candidates) {
  if (name.empty() || name.size() > kSuggestedBytesMax) return "";
  const std::string folded = Folded(name);
  absl::string_view nearest;
  uint32_t least = std::max<uint32_t>(1, uint32_t(name.size()) / 3);
  size_t shared = 0;  // beginnings are rarely mistyped, so they decide between equals
  for (const absl::string_view candidate : candidates) {
    const std::string wanted = Folded(candidate);
    const uint32_t distance = OneBeginsTheOther(folded, wanted) ? 1 : EditDistance(folded, wanted);
    const size_t beginning = SharedBeginningBytes(folded, wanted);
    if (distance > least || distance >= candidate.size()) continue;
    if (distance == least && !nearest.empty() && beginning <= shared) continue;
    least = distance;
    shared = beginning;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace floe::config
