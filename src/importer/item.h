// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the formats have in common, before anybody knows what it means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::importer {

struct Field;

// Item is a value of a file. All are kept as text: of formats some write numbers bare and some in
// quotes, and what a value is, its reader knows.
//
// Lifetime  A plain value; depth is bounded by kDepthMax, so that it may be freed by recursion.
struct Item {
  enum class Kind : uint8_t { kNothing, kScalar, kList, kTable };
  Kind kind = Kind::kNothing;
  std::string text;            // of a scalar; of an XML element that has members as well
  std::vector<Item> items;     // of a list
  std::vector<Field> members;  // of a table, in the file's order; names may come again
  uint32_t line = 0;           // from 1; 0: not known

  bool is_table() const { return kind == Kind::kTable; }
  // The last one of that name, null when there is none.
  const Item* Find(absl::string_view name) const;
  // Its text without blanks around it; empty when there is none.
  absl::string_view TextAt(absl::string_view name) const;
  // The same of this one.
  absl::string_view Text() const;
};

struct Field {
  std::string name;
  Item value;
};

// "1", "true", "yes", "on", in any case.
bool IsOn(absl::string_view text);
// A whole number, or nothing.
std::optional<int64_t> NumberIn(absl::string_view text);

}  // namespace floe::importer
