// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the admin API answers: one tree, which is written as XML, JSON or a page.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace floe::admin {

// Node is an element: one with text, or one with others below it.
struct Node {
  explicit Node(absl::string_view of_name) : name(of_name) {}

  // Appends an element, to which more may be appended; good until the next.
  Node& Add(absl::string_view of_name) { return children.emplace_back(of_name); }
  // The same for one of as many as there are: JSON has an array, for none and one as well.
  Node& AddOneOfMany(absl::string_view of_name) {
    Node& added = Add(of_name);
    added.is_one_of_many = true;
    return added;
  }
  // Appends an element with text, or with a number, which JSON writes as one.
  void Put(absl::string_view of_name, absl::string_view of_text) {
    Add(of_name).text = std::string(of_text);
  }
  void Put(absl::string_view of_name, std::integral auto number) {
    Node& added = Add(of_name);
    added.text = absl::StrCat(number);
    added.is_number = true;
  }
  void SetAttribute(absl::string_view of_name, absl::string_view value) {
    attributes.emplace_back(std::string(of_name), std::string(value));
  }

  std::string name;
  std::string text;
  bool is_number = false;
  bool is_one_of_many = false;
  bool is_row = false;   // a page has it as a row of a table
  bool is_hole = false;  // see Halves
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Node> children;
};

enum class Format : uint8_t { kXml, kJson, kHtml };

// The element alone; a whole document has more around it. Text may be any bytes.
std::string ToXml(const Node& node);
// {"name": ...} without the outer braces and the name: an object of the attributes and the elements
// below, a text or a number.
std::string ToJson(const Node& node);

// A whole document. `title` is a page's.
std::string Write(Format format, const Node& node, absl::string_view title);

// A document that is too long to be in memory at once: what is before and what is behind the rows
// of a hole, which stands among one_of_many elements of its own name. `columns` are the names of
// what is in a row.
struct Halves {
  std::string before, behind;
};
Node Hole(absl::string_view name, const std::vector<std::string>& columns);
Halves Split(Format format, const Node& node, absl::string_view title);
// The same of what is written already.
Halves SplitAtHole(const std::string& whole);
// One of the rows; `is_first` of them all.
std::string WriteRow(Format format, const Node& row, bool is_first);

}  // namespace floe::admin
