// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <array>
#include <limits>
#include <optional>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/suggest.h"

namespace floe::config {
namespace {

struct Unit {
  absl::string_view name;
  uint64_t factor;
  absl::string_view written;  // how others write it, separated by spaces
};

// Factors in milliseconds. The first unit is what a bare number most likely is.
constexpr std::array kTimeUnits = {
    Unit{"s", 1'000, "sec secs second seconds S"},
    Unit{"ms", 1, "msec msecs millis milliseconds MS Ms"},
    Unit{"m", 60'000, "min mins minute minutes M"},
    Unit{"h", 3'600'000, "hr hrs hour hours H"},
    Unit{"d", 86'400'000, "day days D"},
};
// Factors in bytes.
constexpr std::array kSizeUnits = {
    Unit{"B", 1, "b byte bytes"},
    Unit{"KiB", uint64_t{1} << 10, "K k Ki KB kib"},
    Unit{"MiB", uint64_t{1} << 20, "M m Mi mb mib"},
    Unit{"GiB", uint64_t{1} << 30, "G g Gi gb gib"},
    Unit{"TiB", uint64_t{1} << 40, "T t Ti tb tib"},
    Unit{"kB", 1'000, "kb"},
    Unit{"MB", 1'000'000, ""},
    Unit{"GB", 1'000'000'000, ""},
    Unit{"TB", 1'000'000'000'000, ""},
};

struct Split {
  absl::string_view digits;
  absl::string_view unit;  // whatever follows
};

Split SplitNumber(absl::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(uint8_t(text[digits]))) ++digits;
  return {text.substr(0, digits), text.substr(digits)};
}

const Unit* FindUnit(std::span<const Unit> units, absl::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

const Unit* GuessUnit(std::span<const Unit> units, absl::string_view name) {
  for (const Unit& unit : units) {
    if (!name.empty() &&
        absl::StrContains(absl::StrCat(" ", unit.written, " "), absl::StrCat(" ", name, " "))) {
      return &unit;
    }
  }
  return nullptr;
}

// The product, unless it does not fit 63 bits: milliseconds are signed.
std::optional<uint64_t> Times(uint64_t number, uint64_t factor) {
  if (number > uint64_t(std::numeric_limits<int64_t>::max()) / factor) return std::nullopt;
  return number * factor;
}

// What "15" or "64K" was probably meant to be: the first unit that makes it fit the range.
std::string Guess(absl::string_view text, std::span<const Unit> units,
                  const Range<uint64_t>& range) {
  const Split split = SplitNumber(text);
  const absl::string_view written = absl::StripAsciiWhitespace(split.unit);
  uint64_t number = 0;
  if (!absl::SimpleAtoi(split.digits, &number)) return "";
  const auto fits = [&](const Unit& unit) {
    const std::optional<uint64_t> amount = Times(number, unit.factor);
    return amount.has_value() && range.Holds(*amount);
  };
  const Unit* meant = FindUnit(units, written);
  if (meant == nullptr) meant = GuessUnit(units, written);
  if (meant != nullptr) return fits(*meant) ? absl::StrCat(number, meant->name) : "";
  if (!written.empty()) return "";
  for (const Unit& unit : units) {
    if (fits(unit)) return absl::StrCat(number, unit.name);
  }
  return "";
}

Verdict Read(absl::string_view text, std::span<const Unit> units, const Range<uint64_t>& range,
             uint64_t* amount) {
  const auto wrong = [&](absl::string_view why) {
    return Wrong{
        .why = std::string(why), .suggestion = Guess(text, units, range), .suggests_string = true};
  };
  const Split split = SplitNumber(text);
  if (split.digits.empty()) return wrong("does not begin with a digit");
  if (split.unit.empty()) return wrong("has no unit");
  if (split.unit[0] == '.' || split.unit[0] == ',') return wrong("is not a whole number");
  const Unit* unit = FindUnit(units, split.unit);
  if (unit == nullptr) return wrong("has a unit that is not known");
  uint64_t number = 0;
  const bool is_number = absl::SimpleAtoi(split.digits, &number);
  const std::optional<uint64_t> product = is_number ? Times(number, unit->factor) : std::nullopt;
  if (!product.has_value() || *product > range.max) return wrong("is too large");
  if (*product < range.min) return wrong("is too small");
  *amount = *product;
  return std::nullopt;
}

std::string Format(uint64_t amount, std::span<const Unit> units, absl::string_view unit_of_zero) {
  if (amount == 0) return absl::StrCat("0", unit_of_zero);
  const Unit* largest = nullptr;
  for (const Unit& unit : units) {
    const bool divides = amount % unit.factor == 0;
    if (divides && (largest == nullptr || unit.factor > largest->factor)) largest = &unit;
  }
  return absl::StrCat(amount / largest->factor, largest->name);
}

}  // namespace

Verdict ReadTime(absl::string_view text, const Range<milliseconds>& range, milliseconds* time) {
  uint64_t amount_ms = 0;
  const Range<uint64_t> range_ms = {uint64_t(range.min.count()), uint64_t(range.max.count())};
  Verdict verdict = Read(text, kTimeUnits, range_ms, &amount_ms);
  if (!verdict.has_value()) *time = milliseconds(amount_ms);
  return verdict;
}

Verdict ReadSize(absl::string_view text, const Range<uint64_t>& range, uint64_t* size_bytes) {
  return Read(text, kSizeUnits, range, size_bytes);
}

std::string FormatTime(milliseconds time) {
  return Format(uint64_t(time.count()), kTimeUnits, "s");
}

std::string FormatSize(uint64_t size_bytes) { return Format(size_bytes, kSizeUnits, "B"); }

}  // namespace floe::config
