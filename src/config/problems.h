// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "config/value.h"

namespace floe::config {

// Wrong is why a value is refused. Neither part repeats the value: it may be a password.
struct Wrong {
  std::string why;               // "has no unit"; empty: what was expected says it all
  std::string suggestion;        // what was probably meant; empty: no idea
  bool suggests_string = false;  // the suggestion is text, which a file puts in quotes
  const Value* item = nullptr;   // the one of a list that is wrong; null: all of it
  bool is_secret = false;        // the value holds a password, so that it is not shown
};
using Verdict = std::optional<Wrong>;  // empty: nothing is wrong

// Problems collects what is wrong, up to kProblemsMax, and tells it in the order of the sources.
class Problems {
 public:
  void Add(const Place& place, absl::string_view text);
  bool empty() const { return problems_.empty(); }
  // Whether looking further is pointless.
  bool full() const;
  // InvalidArgument with a line per problem; OK when there is none.
  absl::Status ToStatus() const;

 private:
  struct Problem {
    Place place;
    std::string text;
  };
  std::vector<Problem> problems_;
};

// `; did you mean "x"?`, or nothing for an empty suggestion. `quoted`: the quotes are part of it.
std::string DidYouMean(absl::string_view suggestion, bool quoted = false);

}  // namespace floe::config
