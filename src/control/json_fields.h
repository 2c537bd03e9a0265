// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Fields of what a server said, which may be another version's: what is not there, or is something
// else, reads as nothing.
#pragma once

#include <cstdint>
#include <string>

#include "control/protocol.h"
#include "nlohmann/json.hpp"

namespace floe::control {

inline const Json& FieldAt(const Json& json, const char* key) {
  static const Json* const nothing = new Json;
  if (!json.is_object()) return *nothing;
  const auto found = json.find(key);
  return found == json.end() ? *nothing : *found;
}

inline std::string TextAt(const Json& json, const char* key) {
  const Json& field = FieldAt(json, key);
  return field.is_string() ? field.get<std::string>() : std::string();
}

// 0 for what is below.
inline uint64_t NumberAt(const Json& json, const char* key) {
  const Json& field = FieldAt(json, key);
  const bool is_number =
      field.is_number_unsigned() || (field.is_number_integer() && field.get<int64_t>() >= 0);
  return is_number ? field.get<uint64_t>() : 0;
}

inline bool FlagAt(const Json& json, const char* key) {
  const Json& field = FieldAt(json, key);
  return field.is_boolean() && field.get<bool>();
}

}  // namespace floe::control
