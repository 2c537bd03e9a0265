// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the sources say, before anybody knows whether it means something.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::config {

// Weakest first.
enum class Source : uint8_t { kDefaults, kFile, kEnvironment, kSet };

// Place is where something was said. Its name belongs to the Sources, which outlive the loading.
struct Place {
  Source source = Source::kDefaults;
  absl::string_view name;  // of the file or the variable; "--set"
  uint32_t line = 0;       // in the file, from 1
  uint32_t column = 0;     // in characters, from 1

  auto Order() const { return std::make_tuple(source, line, column); }
  // "floe.toml:3:9", "FLOE_LIMITS_ARENA", "--set".
  std::string ToString() const;
};

struct Member;

// Value is one value of a source, in the terms of the source.
struct Value {
  enum class Kind : uint8_t {
    kBare,  // text of the environment or of --set: its key says what it is
    kString,
    kInteger,
    kBoolean,
    kList,
    kTable,
    kOther,  // what no key takes; `text` names it: "a date"
  };
  Kind kind = Kind::kOther;
  std::string text;
  int64_t integer = 0;
  bool boolean = false;
  std::vector<Value> items;     // of a list
  std::vector<Member> members;  // of a table, in the order of the file
  Place place;

  bool is_text() const { return kind == Kind::kBare || kind == Kind::kString; }
};

struct Member {
  std::string key;
  Place place;
  Value value;
};

// The value as a message shows it: cut, and with nothing a terminal would obey.
std::string Shown(const Value& value);

// `text` as a TOML string.
std::string Quoted(absl::string_view text);

// Whether `text` is UTF-8 and holds no control character, so that it can go into a header line, a
// log line and a page.
bool IsPrintableUtf8(absl::string_view text);

}  // namespace floe::config
