// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/state_check.h"

#include "absl/strings/str_cat.h"

namespace floe {

void StateCheck::AtMost(absl::string_view what, uint64_t value, uint64_t most) {
  if (value <= most) return;
  Also(absl::InvalidArgumentError(
      absl::StrCat("state of the ", of_, ": ", what, " is ", value, "; at most ", most)));
}

void StateCheck::That(bool holds, absl::string_view otherwise) {
  if (holds) return;
  Also(absl::InvalidArgumentError(absl::StrCat("state of the ", of_, ": ", otherwise)));
}

}  // namespace floe
