// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Text for terminals: columns, and amounts as people read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::control {

// Text that a peer made up, without what a terminal would obey: control characters, and what is no
// UTF-8, become '?'.
std::string Printable(absl::string_view text);

// Characters, which is columns for what most stations are called.
size_t ColumnsOf(absl::string_view utf8);
// The beginning that fits, with "…" where something is missing. 0 columns: all of it.
std::string Clipped(absl::string_view utf8, size_t columns);

// Rows in columns that are as wide as they must be: text to the left, figures to the right.
class Table {
 public:
  struct Column {
    std::string title;
    bool is_figure = false;
    size_t columns_max = 0;  // 0: any; longer text is clipped
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: one text for each column.
  void Add(std::vector<std::string> row);
  size_t rows() const { return rows_.size(); }
  // Lines without their ends: the titles, then the rows, each at most `width` (0: any).
  std::vector<std::string> Lines(size_t width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string BytesText(uint64_t bytes);         // "512 B", "1.4 kB", "23 MB"
std::string RateText(double bits_per_second);  // "0", "128 kbit/s", "1.4 Gbit/s"
std::string AgeText(uint64_t seconds);         // "12 s", "3 min 20 s", "2 h 5 min", "9 d 3 h"
std::string ShareText(uint64_t permille);      // "4.2 %"
// "1 listener", "0 listeners", "2 listeners"
std::string Counted(uint64_t count, absl::string_view singular);

}  // namespace floe::control
