// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Hops: the servers that a stream passes. Each process has an id; a request that one server makes
// of another has the header
//
//   Floe-Hops: <id>,<id>    those who want the stream, from the first edge to the one that asks
//
// and the reply to it has the same header with those who give it: the one that answers, the one it
// has the stream from, and so on up to the origin. Who finds itself in either would play its own
// stream in a circle.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"

namespace floe::http {

inline constexpr absl::string_view kHopsHeader = "Floe-Hops";

using Hops = std::vector<uint64_t>;  // kHopsMax at most; ids are not 0

// Of the header's value; none of an empty one. Refusal: 400 for what is no list, 508 for a longer
// one than any tree is deep.
absl::StatusOr<Hops> ReadHops(absl::string_view value);
std::string WriteHops(const Hops& hops);

// Whether `self`, which has its stream by way of `givers`, may give it to `takers`. Refusal: 508
// when one server would be met twice, or there would be more than kHopsMax.
absl::Status CheckHops(uint64_t self, const Hops& givers, const Hops& takers);

}  // namespace floe::http
