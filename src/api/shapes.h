// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What every answer of /api/v1 looks like, but for errors, which session::Refuse gives. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json_fwd.hpp"

namespace floe::api {

using Json = nlohmann::ordered_json;

// {"items": [...], "next": the cursor of what comes after these, or null}.
Json ListOf(Json items, const std::optional<std::string>& next = std::nullopt);

// One line. Bytes that are no UTF-8 become U+FFFD.
std::string TextOf(const Json& json);

// "2026-11-20T12:00:00Z", as RFC 3339 has it.
std::string TimeText(absl::Time at);

// Where the next page of listeners begins. Slots are a process's own: a cursor of another one
// means nothing.
struct Cursor {
  uint32_t process = 0;
  uint32_t shard = 0;
  uint32_t slot = 0;

  bool operator==(const Cursor&) const = default;
};
std::string CursorText(const Cursor& cursor);
// Refusal: 400.
absl::StatusOr<Cursor> ParseCursor(absl::string_view text);

}  // namespace floe::api
