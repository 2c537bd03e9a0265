// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/shapes.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "http/status.h"
#include "nlohmann/json.hpp"

namespace floe::api {

Json ListOf(Json items, const std::optional<std::string>& next) {
  Json list;
  list["items"] = std::move(items);
  list["next"] = next.has_value() ? Json(*next) : Json(nullptr);
  return list;
}

std::string TextOf(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string TimeText(absl::Time at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone());
}

std::string CursorText(const Cursor& cursor) {
  return absl::StrCat(cursor.process, ".", cursor.shard, ".", cursor.slot);
}

absl::StatusOr<Cursor> ParseCursor(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  Cursor cursor;
  const bool is_one = parts.size() == 3 && absl::SimpleAtoi(parts[0], &cursor.process) &&
                      absl::SimpleAtoi(parts[1], &cursor.shard) &&
                      absl::SimpleAtoi(parts[2], &cursor.slot) && CursorText(cursor) == text;
  if (!is_one) return http::Refusal(400, "this cursor is none that was given here");
  return cursor;
}

}  // namespace floe::api
