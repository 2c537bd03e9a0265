// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Paths below /api/v1. One segment may stand for a name, and a mount's has slashes: they are
// written %2F, or the first is left out. So segments are told apart before they are decoded.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::api {

// Of a request's target, as it was sent, each decoded: {"api", "v1", "mounts", "/live"}. Empty for
// one that is no path.
std::vector<std::string> SegmentsOf(absl::string_view target);

// Whether a path of Operations is meant. Answers what stands for its {name}, of {mount} with its
// first slash; "" when it has none.
std::optional<std::string> MatchPath(absl::string_view pattern,
                                     std::span<const std::string> segments);

}  // namespace floe::api
