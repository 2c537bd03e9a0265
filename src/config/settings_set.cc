// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/bounds.h"
#include "config/checks.h"
#include "config/settings.h"

namespace floe::config {
namespace {

constexpr absl::string_view kListenPath = "listen";
constexpr Place kPlace = {Source::kSet, "--set"};

struct Parts {
  const TableName* table = nullptr;  // of which `name` has one; null without a name
  std::optional<absl::string_view> name;
  absl::string_view path;  // "limits.arena", or the key of a named table alone
  absl::string_view value;
};

// The table that `set` names before a name, which is taken off with its dot; null: none.
const TableName* ConsumeNamedTable(absl::string_view* set) {
  for (const TableName& table : Tables()) {
    if (table.of_name.empty()) continue;
    if (absl::ConsumePrefix(set, absl::StrCat(table.of_name, "."))) return &table;
  }
  return nullptr;
}

// Takes mount."/live".burst=6s apart, with or without quotes. In them a name may hold a '='; a
// key never holds a dot, so without them the last one ends the name.
std::optional<Parts> Split(absl::string_view set) {
  absl::string_view rest = set;
  Parts parts;
  parts.table = ConsumeNamedTable(&rest);
  const bool is_named = parts.table != nullptr;
  const bool is_quoted = is_named && (absl::StartsWith(rest, "\"") || absl::StartsWith(rest, "'"));
  size_t name_end = absl::string_view::npos;
  if (is_quoted) {
    name_end = rest.find(rest[0], 1);
    if (name_end == absl::string_view::npos || rest.substr(name_end + 1, 1) != ".") {
      return std::nullopt;
    }
  }
  const size_t equals = rest.find('=', is_quoted ? name_end : 0);
  if (equals == absl::string_view::npos) return std::nullopt;
  parts.value = rest.substr(equals + 1);
  absl::string_view path = absl::StripAsciiWhitespace(rest.substr(0, equals));
  if (is_quoted) {
    parts.name = rest.substr(1, name_end - 1);
    path = absl::StripAsciiWhitespace(rest.substr(name_end + 2, equals - name_end - 2));
  } else if (is_named) {
    const size_t dot = path.rfind('.');
    if (dot != absl::string_view::npos) parts.name = path.substr(0, dot);
    path = path.substr(dot + 1);  // all of it without a dot: npos + 1 is 0
  }
  parts.path = path;
  return parts;
}

const Key* FindPath(absl::string_view path) {
  for (const Key& key : Keys()) {
    if (!NamesOf(key.table).is_of_names_only() && PathOf(key) == path) return &key;
  }
  return nullptr;
}

// Only keys are shown: what stands after the '=' may be a password.
std::string ShownKey(absl::string_view path) {
  return path.size() <= kShownBytesMax
             ? Quoted(path)
             : Quoted(absl::StrCat(path.substr(0, kShownBytesMax), "..."));
}

void AddOfName(const Parts& parts, Setting setting, Settings& settings, Problems& problems) {
  const Table table = parts.table->table;
  const absl::string_view kind = parts.table->of_name;
  if (const Verdict verdict = CheckNameOf(*parts.table, *parts.name)) {
    problems.Add(kPlace, absl::StrCat(kind, ".", ShownKey(*parts.name), ": ", verdict->why,
                                      DidYouMean(verdict->suggestion, true)));
    return;
  }
  setting.key = FindKey(table, parts.path);
  setting.name = std::string(*parts.name);
  if (setting.key == nullptr) {
    problems.Add(kPlace, absl::StrCat("unknown key ", ShownKey(parts.path), " of ", kind, ".",
                                      Quoted(*parts.name),
                                      DidYouMean(SuggestName(table, parts.path), true)));
    return;
  }
  settings.of_names[table].try_emplace(setting.name, kPlace);
  settings.values.push_back(std::move(setting));
}

void AddOne(absl::string_view set, size_t ordinal, Settings& settings, Problems& problems) {
  const std::optional<Parts> parts = Split(set);
  if (!parts.has_value() || set.size() > kSetBytesMax) {
    problems.Add(kPlace, absl::StrCat("number ", ordinal,
                                      " is not key=value; expected such as limits.sources=100 or "
                                      "mount.\"/live\".burst=6s"));
    return;
  }
  Setting setting = {nullptr, "", {.kind = Value::Kind::kBare, .place = kPlace}};
  setting.value.text = std::string(parts->value);
  if (parts->name.has_value()) {
    return AddOfName(*parts, std::move(setting), settings, problems);
  }
  setting.key = FindPath(parts->path);
  if (setting.key == nullptr) {
    const bool is_address = absl::StartsWith(parts->path, absl::StrCat(kListenPath, "."));
    const std::string meant = is_address ? absl::StrCat(kListenPath, "=0.0.0.0:8000,[::]:8000")
                                         : SuggestPath(parts->path);
    problems.Add(kPlace,
                 absl::StrCat("unknown key ", ShownKey(parts->path), DidYouMean(meant, true)));
    return;
  }
  settings.values.push_back(std::move(setting));
}

}  // namespace

void AddSets(const std::vector<std::string>& sets, Settings& settings, Problems& problems) {
  for (size_t i = 0; i < sets.size() && !problems.full(); ++i) {
    AddOne(sets[i], i + 1, settings, problems);
  }
}

}  // namespace floe::config
