// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a body in JSON: what is taken has nothing but fields of their kinds, and is taken
// again when it is said again.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "api/body.h"
#include "base/check.h"
#include "nlohmann/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::api;
  using Kind = BodyField::Kind;
  static constexpr std::array kFields = {
      BodyField{.name = "title", .kind = Kind::kText, .is_needed = true},
      BodyField{.name = "mounts", .kind = Kind::kTexts},
      BodyField{.name = "id", .kind = Kind::kNumber},
      BodyField{.name = "all", .kind = Kind::kFlag},
  };
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Json> body = ParseBody("application/json", text, kFields);
  if (!body.ok()) {
    FLOE_CHECK(!body.status().message().empty());
    return 0;
  }
  FLOE_CHECK(body->size() <= kFields.size() && (*body)["title"].is_string());
  const std::string again = TextOf(*body);
  const absl::StatusOr<Json> same = ParseBody("application/json", again, kFields);
  FLOE_CHECK(same.ok() && *same == *body);
  return 0;
}
