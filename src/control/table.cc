// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/table.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/utf8.h"

namespace floe::control {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr absl::string_view kEllipsis = "…";
constexpr uint64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

// C0, DEL and C1 (U+0080 to U+009F).
bool IsObeyed(absl::string_view character) {
  const auto first = static_cast<uint8_t>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return character.size() == 2 && first == 0xc2 && static_cast<uint8_t>(character[1]) < 0xa0;
}

// With two digits that mean something at least: "1.4 kB", "23 MB".
std::string Scaled(double amount, absl::string_view unit) {
  static constexpr absl::string_view kPrefixes[] = {"", "k", "M", "G", "T", "P"};
  size_t prefix = 0;
  while (amount >= 999.5 && prefix + 1 < std::size(kPrefixes)) {
    amount /= 1000;
    ++prefix;
  }
  const bool has_fraction = prefix > 0 && amount < 9.95;
  return absl::StrFormat("%.*f %s%s", has_fraction ? 1 : 0, amount, kPrefixes[prefix], unit);
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    const absl::string_view character = text.substr(0, std::max<size_t>(1, bytes));
    absl::StrAppend(&printable, bytes == 0 || IsObeyed(character) ? "?" : character);
    text.remove_prefix(character.size());
  }
  return printable;
}

size_t ColumnsOf(absl::string_view utf8) {
  return size_t(std::count_if(utf8.begin(), utf8.end(),
                              [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

std::string Clipped(absl::string_view utf8, size_t columns) {
  if (columns == 0 || ColumnsOf(utf8) <= columns) return std::string(utf8);
  size_t end = 0;
  for (size_t i = 0; i + 1 < columns; ++i) {
    end += std::max<size_t>(1, Utf8CharacterBytes(utf8.substr(end)));
  }
  return absl::StrCat(utf8.substr(0, end), kEllipsis);
}

void Table::Add(std::vector<std::string> row) {
  FLOE_CHECK(row.size() == columns_.size());
  for (size_t i = 0; i < row.size(); ++i) row[i] = Clipped(row[i], columns_[i].columns_max);
  rows_.push_back(std::move(row));
}

std::vector<std::string> Table::Lines(size_t width) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t widest = ColumnsOf(columns_[i].title);
    for (const std::vector<std::string>& row : rows_) {
      widest = std::max(widest, ColumnsOf(row[i]));
    }
    widths.push_back(widest);
  }
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  const auto line_of = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - ColumnsOf(row[i]), ' ');
      absl::StrAppend(&line, i == 0 ? "" : kGap, columns_[i].is_figure ? blanks : "", row[i],
                      columns_[i].is_figure ? "" : blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return Clipped(line, width);
  };
  std::vector<std::string> lines = {line_of(titles)};
  for (const std::vector<std::string>& row : rows_) lines.push_back(line_of(row));
  return lines;
}

std::string BytesText(uint64_t bytes) { return Scaled(double(bytes), "B"); }

std::string RateText(double bits_per_second) {
  return bits_per_second < 1 ? "0" : Scaled(bits_per_second, "bit/s");
}

std::string AgeText(uint64_t seconds) {
  if (seconds < kMinute) return absl::StrCat(seconds, " s");
  if (seconds < kHour) return absl::StrCat(seconds / kMinute, " min ", seconds % kMinute, " s");
  if (seconds < kDay) {
    return absl::StrCat(seconds / kHour, " h ", seconds % kHour / kMinute, " min");
  }
  return absl::StrCat(seconds / kDay, " d ", seconds % kDay / kHour, " h");
}

std::string ShareText(uint64_t permille) {
  return absl::StrFormat("%d.%d %%", permille / 10, permille % 10);
}

std::string Counted(uint64_t count, absl::string_view singular) {
  return absl::StrCat(count, " ", singular, count == 1 ? "" : "s");
}

}  // namespace floe::control
