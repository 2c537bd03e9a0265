// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "importer/bounds.h"
#include "importer/texts.h"

namespace floe::importer {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

// "%2Flive" and "%20", as QSettings writes keys.
std::string WithoutPercents(absl::string_view key) {
  std::string plain;
  for (size_t i = 0; i < key.size(); ++i) {
    const bool is_escape = key[i] == '%' && i + 2 < key.size() &&
                           absl::ascii_isxdigit(uint8_t(key[i + 1])) &&
                           absl::ascii_isxdigit(uint8_t(key[i + 2]));
    if (is_escape) {
      plain += absl::HexStringToBytes(key.substr(i + 1, 2));
      i += 2;
    } else {
      plain.push_back(key[i]);
    }
  }
  return plain;
}

// What stands behind '=': in quotes with backslashes, or up to a comment.
std::string ValueIn(absl::string_view written) {
  if (!absl::ConsumePrefix(&written, "\"")) {
    const size_t comment = written.find(" ;");
    return std::string(absl::StripAsciiWhitespace(written.substr(0, comment)));
  }
  std::string value;
  for (size_t i = 0; i < written.size() && written[i] != '"'; ++i) {
    if (written[i] != '\\' || i + 1 == written.size()) {
      value.push_back(written[i]);
      continue;
    }
    const char c = written[++i];
    value.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
  }
  return value;
}

// The table of that name in `table`, which is made where there is none.
Item* TableIn(Item* table, absl::string_view name, uint32_t line) {
  for (Field& member : table->members) {
    if (member.name == name && member.value.is_table()) return &member.value;
  }
  table->members.push_back({std::string(name), Item{.kind = Item::Kind::kTable, .line = line}});
  return &table->members.back().value;
}

// "live\name" is "name" in the table "live".
void Add(absl::string_view key, std::string value, uint32_t line, Item* section) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(key, absl::MaxSplits('\\', kDepthMax / 2));
  Item* table = section;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    table = TableIn(table, WithoutPercents(parts[i]), line);
  }
  Item item = {.kind = Item::Kind::kScalar, .text = std::move(value), .line = line};
  table->members.push_back({WithoutPercents(parts.back()), std::move(item)});
}

}  // namespace

absl::StatusOr<Item> ReadIni(absl::string_view text) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  Item root = {.kind = Item::Kind::kTable, .line = 1};
  Item section = root;
  std::string name;
  const auto end_section = [&] {
    if (!name.empty()) root.members.push_back({name, std::move(section)});
  };
  uint32_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (++number > kItemsMax) return absl::InvalidArgumentError("it has too many lines");
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == ';' || line[0] == '#') continue;
    if (line[0] == '[') {
      const size_t close = line.rfind(']');
      if (close == absl::string_view::npos || close == 1) {
        return absl::InvalidArgumentError(
            absl::StrCat("line ", number, ": a section is not closed, or has no name"));
      }
      end_section();
      name = WithoutPercents(line.substr(1, close - 1));
      section = Item{.kind = Item::Kind::kTable, .line = number};
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": is neither a section nor key=value"));
    }
    const absl::string_view key = absl::StripAsciiWhitespace(line.substr(0, equals));
    std::string value = ValueIn(absl::StripAsciiWhitespace(line.substr(equals + 1)));
    Add(key, std::move(value), number, name.empty() ? &root : &section);
  }
  end_section();
  return root;
}

}  // namespace floe::importer
