// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/problems.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/bounds.h"

namespace floe::config {

void Problems::Add(const Place& place, absl::string_view text) {
  if (problems_.size() <= kProblemsMax) problems_.push_back({place, std::string(text)});
}

bool Problems::full() const { return problems_.size() > kProblemsMax; }

absl::Status Problems::ToStatus() const {
  if (problems_.empty()) return absl::OkStatus();
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& one, const Problem& other) {
    return one.place.Order() < other.place.Order();
  });
  std::vector<std::string> lines;
  for (const Problem& problem : sorted) {
    if (lines.size() == kProblemsMax) {
      lines.push_back("and more; mend these first");
      break;
    }
    lines.push_back(absl::StrCat(problem.place.ToString(), ": ", problem.text));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

std::string DidYouMean(absl::string_view suggestion, bool quoted) {
  if (suggestion.empty()) return "";
  return absl::StrCat("; did you mean ", quoted ? Quoted(suggestion) : std::string(suggestion),
                      "?");
}

}  // namespace floe::config
