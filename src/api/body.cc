// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/body.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/status.h"
#include "nlohmann/json.hpp"

namespace floe::api {
namespace {

constexpr absl::string_view kJsonType = "application/json";

bool IsJsonType(absl::string_view content_type) {
  return absl::EqualsIgnoreCase(
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))), kJsonType);
}

// The object; a name that is said twice is a refusal, since which one is meant cannot be told.
absl::StatusOr<Json> ParseObject(absl::string_view body) {
  std::set<std::string> names;
  bool says_twice = false;
  const auto see = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) {
      says_twice |= !names.insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  Json json = Json::parse(body.begin(), body.end(), see, /*allow_exceptions=*/false);
  if (!json.is_object()) return http::Refusal(400, "the body is to be an object in JSON");
  if (says_twice) return http::Refusal(400, "the body says a field twice");
  return json;
}

bool IsOfKind(const Json& value, BodyField::Kind kind) {
  switch (kind) {
    case BodyField::Kind::kText: return value.is_string();
    case BodyField::Kind::kTexts:
      return value.is_array() && value.size() <= kBodyTextsMax &&
             std::all_of(value.begin(), value.end(),
                         [](const Json& each) { return each.is_string(); });
    case BodyField::Kind::kNumber:
      return value.is_number_unsigned() && value.get<uint64_t>() <= kBodyNumberMax;
    case BodyField::Kind::kFlag: return value.is_boolean();
  }
  return false;
}

absl::string_view NameOf(BodyField::Kind kind) {
  switch (kind) {
    case BodyField::Kind::kText: return "a text";
    case BodyField::Kind::kTexts: return "a list of at most 100 texts";
    case BodyField::Kind::kNumber: return "a whole number that is not below 0";
    case BodyField::Kind::kFlag: return "true or false";
  }
  return "";
}

const BodyField* Find(std::span<const BodyField> fields, absl::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const BodyField& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<Json> ParseBody(absl::string_view content_type, absl::string_view body,
                               std::span<const BodyField> fields) {
  if (!IsJsonType(content_type)) {
    return http::Refusal(415, "say it in JSON, with Content-Type: application/json");
  }
  absl::StatusOr<Json> json = ParseObject(body);
  if (!json.ok()) return json.status();
  for (const auto& [name, value] : json->items()) {
    const BodyField* field = Find(fields, name);
    if (field == nullptr) {
      return http::Refusal(400,
                           absl::StrCat("\"", absl::Utf8SafeCEscape(name), "\" is not known here"));
    }
    if (!IsOfKind(value, field->kind)) {
      return http::Refusal(400, absl::StrCat("\"", name, "\" is to be ", NameOf(field->kind)));
    }
  }
  for (const BodyField& field : fields) {
    if (field.is_needed && !json->contains(std::string(field.name))) {
      return http::Refusal(400, absl::StrCat("say \"", field.name, "\""));
    }
  }
  return json;
}

}  // namespace floe::api
