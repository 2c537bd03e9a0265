// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// conf/floe.toml says of every key what the table of keys says.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/describe.h"
#include "config/keys.h"
#include "config/scopes.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

constexpr char kMount[] = "/live";

// As the example calls one.
std::string NameFor(const TableName& table) {
  if (table.table == Table::kUser) return "dj";
  return table.table == Table::kWebhook ? "studio" : kMount;
}

std::string Example() {
  std::ifstream file(FLOE_EXAMPLE_TOML);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A default is a line that begins with '#' and no blank.
std::string Uncommented(const std::string& text) {
  std::string all;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.remove_prefix(1);
    absl::StrAppend(&all, line, "\n");
  }
  return all;
}

// The lines of the table that begins with `head`, up to the next table.
std::vector<std::string> LinesOf(absl::string_view head, const std::string& text) {
  std::vector<std::string> lines;
  bool is_inside = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "[")) is_inside = line == head;
    if (is_inside) lines.emplace_back(line);
  }
  return lines;
}

std::string LineOf(const Key& key) {
  const TableName& table = NamesOf(key.table);
  Config defaults = OneOfEach(kMount, NameFor(table));
  if (std::holds_alternative<Addresses>(key.field)) {
    return absl::StrCat(key.name, " = ", Quoted(defaults.listen[0].address));
  }
  if (std::holds_alternative<Password>(key.field)) return absl::StrCat(key.name, " = \"\"");
  const Scope scope = ScopeOf(&defaults, key.table, table.is_of_names_only() ? NameFor(table) : "");
  return absl::StrCat(key.name, " = ", Print(key.field, scope));
}

std::string HeadOf(const TableName& table) {
  if (table.table == Table::kListen) return "[[listen]]";
  if (table.is_of_names_only()) {
    return absl::StrCat("[", table.name, ".", Quoted(NameFor(table)), "]");
  }
  return absl::StrCat("[", table.name, "]");
}

TEST(Example, AsItStandsItChangesNothing) {
  EXPECT_EQ(Describe(Loaded({Example()})), Describe(Config{}));
}

TEST(Example, WithEveryLineUncommentedItChangesNothing) {
  Config config = Loaded({Uncommented(Example())});
  EXPECT_FALSE(config.mounts.empty()) << "a mount is shown";
  EXPECT_FALSE(config.relays.empty()) << "a relay is shown";
  EXPECT_FALSE(config.pushes.empty()) << "a push is shown";
  EXPECT_FALSE(config.users.empty()) << "a user is shown";
  EXPECT_FALSE(config.webhooks.empty()) << "a webhook is shown";
  Config names_only;
  for (const auto& [name, mount] : config.mounts) {
    names_only.mounts.emplace(name, names_only.mount_defaults);
  }
  for (const auto& [name, relay] : config.relays) names_only.relays.try_emplace(name);
  for (const auto& [name, push] : config.pushes) names_only.pushes.try_emplace(name);
  for (const auto& [name, user] : config.users) names_only.users.try_emplace(name);
  for (const auto& [name, webhook] : config.webhooks) names_only.webhooks.try_emplace(name);
  EXPECT_EQ(Describe(config), Describe(names_only));
}

TEST(Example, EveryKeyStandsInItsTableWithItsDefaultBelowItsExplanation) {
  const std::string text = Uncommented(Example());
  for (const Key& key : Keys()) {
    const std::string head = HeadOf(NamesOf(key.table));
    const std::vector<std::string> lines = LinesOf(head, text);
    const auto line = std::find(lines.begin(), lines.end(), LineOf(key));
    ASSERT_NE(line, lines.end()) << head << " has no line " << LineOf(key);
    EXPECT_EQ(*std::prev(line), absl::StrCat("# ", key.doc, ".")) << PathOf(key);
  }
}

TEST(Example, EveryTableIsExplained) {
  for (const TableName& table : Tables()) {
    EXPECT_TRUE(absl::StrContains(Example(), absl::StrCat("\n# ", table.doc, "."))) << table.name;
  }
}

}  // namespace
}  // namespace floe::config
