// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/range.h"

#include <optional>

#include "absl/strings/match.h"

namespace floe::http {

RangeAnswer AnswerToRange(const Request& request) {
  if (request.method != Method::kGet) return RangeAnswer::kWhole;
  const std::optional<absl::string_view> range = request.Header("Range");
  const bool is_probe = range.has_value() && absl::EqualsIgnoreCase(*range, "bytes=0-1");
  return is_probe ? RangeAnswer::kProbe : RangeAnswer::kWhole;
}

}  // namespace floe::http
