// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/item.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace floe::importer {

const Item* Item::Find(absl::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->name == name) return &member->value;
  }
  return nullptr;
}

absl::string_view Item::TextAt(absl::string_view name) const {
  const Item* found = Find(name);
  return found == nullptr ? absl::string_view() : found->Text();
}

absl::string_view Item::Text() const { return absl::StripAsciiWhitespace(text); }

bool IsOn(absl::string_view text) {
  for (const absl::string_view on : {"1", "true", "yes", "on"}) {
    if (absl::EqualsIgnoreCase(text, on)) return true;
  }
  return false;
}

std::optional<int64_t> NumberIn(absl::string_view text) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

}  // namespace floe::importer
