// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// How keys are spelt in each source, and what a misspelt one was meant to be.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/checks.h"
#include "config/keys.h"
#include "config/suggest.h"

namespace floe::config {
namespace {

constexpr absl::string_view kVariablePrefix = "FLOE_";

// The spelling of the key nearest to `written`.
std::string NearestOf(absl::string_view written, std::string (*spell)(const Key&)) {
  std::vector<std::string> spellings;
  for (const Key& key : Keys()) {
    if (std::string spelling = spell(key); !spelling.empty()) {
      spellings.push_back(std::move(spelling));
    }
  }
  const std::vector<absl::string_view> candidates(spellings.begin(), spellings.end());
  return std::string(Nearest(written, candidates));
}

// Names without their tables: they are short, so no more than one letter may be wrong.
const Key* FindNameAnywhere(absl::string_view name) {
  for (const Key& key : Keys()) {
    if (key.name == name) return &key;
  }
  for (const Key& key : Keys()) {
    if (EditDistance(key.name, name) <= 1) return &key;
  }
  return nullptr;
}

}  // namespace

Verdict CheckNameOf(const TableName& table, absl::string_view name) {
  return table.is_of_words ? CheckWord(name) : CheckMount(name);
}

std::string PathOf(const Key& key) {
  const TableName& table = NamesOf(key.table);
  if (std::holds_alternative<Addresses>(key.field)) return std::string(table.name);
  if (table.is_of_names_only()) return PathOf(key, table.SomeName());
  return absl::StrCat(table.name, ".", key.name);
}

std::string PathOf(const Key& key, absl::string_view name) {
  if (name.empty()) return PathOf(key);
  return absl::StrCat(NamesOf(key.table).of_name, ".", Quoted(name), ".", key.name);
}

std::string VariableOf(const Key& key) {
  if (NamesOf(key.table).is_of_names_only()) return "";
  return absl::StrCat(kVariablePrefix,
                      absl::AsciiStrToUpper(absl::StrReplaceAll(PathOf(key), {{".", "_"}})));
}

const Key* FindVariable(absl::string_view variable) {
  for (const Key& key : Keys()) {
    if (VariableOf(key) == variable) return &key;
  }
  return nullptr;
}

std::string SuggestName(Table table, absl::string_view name) {
  std::vector<absl::string_view> here;
  for (const Key& key : Keys()) {
    if (key.table == table) here.push_back(key.name);
  }
  const Key* elsewhere = FindNameAnywhere(name);
  if (elsewhere != nullptr && elsewhere->name == name) return PathOf(*elsewhere);
  const absl::string_view near = Nearest(name, here);
  if (!near.empty()) return std::string(near);
  return elsewhere != nullptr ? PathOf(*elsewhere) : "";
}

std::string SuggestPath(absl::string_view path) {
  const std::string near = NearestOf(path, [](const Key& key) { return PathOf(key); });
  if (!near.empty()) return near;
  const absl::string_view name = path.substr(path.rfind('.') + 1);
  const Key* key = FindNameAnywhere(name);
  return key != nullptr ? PathOf(*key) : "";
}

std::string SuggestVariable(absl::string_view variable) {
  // A name without its table, or with another: FLOE_ARENA, FLOE_SOURCE_PASSWORD, FLOE_SERVER_BURST.
  for (const Key& key : Keys()) {
    const std::string whole = VariableOf(key);
    const std::string ending = absl::StrCat("_", absl::AsciiStrToUpper(key.name));
    if (!whole.empty() && absl::EndsWith(variable, ending)) return whole;
  }
  return NearestOf(variable, [](const Key& key) { return VariableOf(key); });
}

}  // namespace floe::config
