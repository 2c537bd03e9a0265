// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/amounts.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace floe::doctor {

std::string Size(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double amount = double(bytes);
  size_t unit = 0;
  while (amount >= 1024 && unit + 1 < std::size(kUnits)) {
    amount /= 1024;
    ++unit;
  }
  const bool is_whole = amount == double(uint64_t(amount));
  return absl::StrFormat("%.*f %s", is_whole ? 0 : 1, amount, kUnits[unit]);
}

std::string Count(uint64_t count) {
  std::string digits = absl::StrCat(count);
  for (size_t behind = 3; behind < digits.size(); behind += 4) {
    digits.insert(digits.size() - behind, 1, ',');
  }
  return digits;
}

}  // namespace floe::doctor
