// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What somebody says in JSON, read strictly: a field that is misspelt would otherwise be a wish
// that nobody hears. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/shapes.h"

namespace floe::api {

// A field that a body may have.
struct BodyField {
  enum class Kind : uint8_t {
    kText,
    kTexts,   // a list of texts
    kNumber,  // whole, not below 0, at most 2^53: all that every JSON reader can tell apart
    kFlag,
  };
  absl::string_view name;
  Kind kind = Kind::kText;
  bool is_needed = false;
};
inline constexpr uint64_t kBodyNumberMax = uint64_t{1} << 53;
inline constexpr size_t kBodyTextsMax = 100;  // of one list

// The object that was sent: nothing but these fields, each once and of its kind, and all that are
// needed. Refusals: 415 for another Content-Type than JSON's, 400 with what is wrong.
absl::StatusOr<Json> ParseBody(absl::string_view content_type, absl::string_view body,
                               std::span<const BodyField> fields);

}  // namespace floe::api
