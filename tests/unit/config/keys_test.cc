// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/keys.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "config/scopes.h"
#include "unit/config/loading.h"

namespace floe::config {
namespace {

bool IsPrinted(const Key& key) {
  return !std::holds_alternative<Password>(key.field) &&
         !std::holds_alternative<Addresses>(key.field);
}

constexpr char kMount[] = "/live";
constexpr char kWord[] = "one";

// Whose table the key stands in; empty where it need not be anybody's.
std::string NameFor(const Key& key) {
  const TableName& table = NamesOf(key.table);
  if (!table.is_of_names_only()) return "";
  return table.is_of_words ? kWord : kMount;
}
Scope ScopeOf(const Key& key, Config* config) { return ScopeOf(config, key.table, NameFor(key)); }

// A value of the key other than the default, as --set has it.
std::string OtherValue(const Key& key) {
  if (std::holds_alternative<Number>(key.field)) return "777";
  if (std::holds_alternative<Flag>(key.field)) return "true";
  if (key.name == "events") return "title";
  if (key.name == "fallback" || key.name == "mounts") return "/other";
  if (key.name == "hook_header_prefix") return "Other-";
  if (absl::StrContains(key.name, "_header") && key.name != "hook_headers") return "Other:";
  if (absl::StartsWith(key.name, "hook_listener")) return "http://a.example/hook";
  if (absl::StartsWith(key.name, "hook_mount")) return "http://a.example/hook";
  if (key.name == "hook_stream_auth") return "http://a.example/hook";
  if (std::holds_alternative<Time>(key.field)) return "7s";
  if (std::holds_alternative<AutoTime>(key.field)) return "7s";
  if (std::holds_alternative<Size>(key.field)) return "4MiB";
  if (std::holds_alternative<Origins>(key.field)) return "https://a.example";
  if (std::holds_alternative<Cidrs>(key.field)) return "192.0.2.0/24,2001:db8::1";
  if (std::holds_alternative<ListenFlag>(key.field)) return "true";
  if (std::holds_alternative<Addresses>(key.field)) return "127.0.0.1:1";
  if (std::holds_alternative<Upstreams>(key.field)) return "http://a.example/live";
  if (const auto* choice = std::get_if<Choice>(&key.field))
    return std::string(choice->names.back());
  if (key.name == "charset") return "CP1252";
  if (key.name == "cores") return "0-3";
  if (key.name == "shoutcast_mount") return "/other";
  if (key.name == "url" || key.name == "to") return "http://a.example";
  return "other";
}

TEST(Keys, EachHasItsOwnNameInEverySource) {
  std::set<std::string> paths, variables;
  for (const Key& key : Keys()) {
    EXPECT_TRUE(paths.insert(PathOf(key)).second) << PathOf(key);
    EXPECT_EQ(FindKey(key.table, key.name), &key);
    if (NamesOf(key.table).is_of_names_only()) continue;
    EXPECT_TRUE(variables.insert(VariableOf(key)).second) << VariableOf(key);
    EXPECT_EQ(FindVariable(VariableOf(key)), &key);
  }
}

TEST(Keys, EachIsExplainedInOneLine) {
  for (const Key& key : Keys()) {
    EXPECT_FALSE(key.doc.empty()) << PathOf(key);
    EXPECT_LE(key.doc.size(), 96u) << PathOf(key);
    EXPECT_FALSE(absl::EndsWith(key.doc, ".")) << PathOf(key);
    EXPECT_FALSE(absl::StrContains(key.doc, '\n')) << PathOf(key);
  }
}

TEST(Keys, EachIsSetByTheEnvironmentAndByTheCommandLine) {
  Config defaults;
  for (const Key& key : Keys()) {
    if (NamesOf(key.table).is_of_names_only()) continue;
    std::string value = OtherValue(key);
    if (key.name == "shards") value = "7";
    if (key.name == "interval_min") value = "7ms";
    Config by_set = Loaded({.sets = {PathOf(key) + "=" + value}});
    Config by_variable = Loaded({.environment = {{VariableOf(key), value}}});
    if (!IsPrinted(key)) continue;
    const std::string set = Print(key.field, {&by_set, &by_set.mount_defaults});
    EXPECT_EQ(set, Print(key.field, {&by_variable, &by_variable.mount_defaults})) << PathOf(key);
    EXPECT_NE(set, Print(key.field, {&defaults, &defaults.mount_defaults})) << PathOf(key);
  }
}

TEST(Keys, EachMountKeyReachesTheMountAlone) {
  for (const Key& key : Keys()) {
    if (key.table != Table::kMount || !IsPrinted(key)) continue;
    Config config =
        Loaded({.sets = {"mount./live." + std::string(key.name) + "=" + OtherValue(key)}});
    const std::string own = Print(key.field, {&config, &config.mounts.at("/live")});
    EXPECT_NE(own, Print(key.field, {&config, &config.mount_defaults})) << PathOf(key);
  }
}

TEST(Keys, EachOfOneNameIsSetByTheCommandLine) {
  Config defaults = OneOfEach(kMount, kWord);
  for (const Key& key : Keys()) {
    if (!NamesOf(key.table).is_of_names_only()) continue;
    Config config = Loaded({.sets = {PathOf(key, NameFor(key)) + "=" + OtherValue(key)}});
    if (!IsPrinted(key)) continue;
    EXPECT_NE(Print(key.field, ScopeOf(key, &config)), Print(key.field, ScopeOf(key, &defaults)))
        << PathOf(key);
  }
}

TEST(Keys, EachDefaultIsAllowed) {
  Config config = OneOfEach(kMount, kWord);
  const Environment environment;
  const SecretReader secrets(environment, nullptr);
  for (const Key& key : Keys()) {
    if (!IsPrinted(key)) continue;
    if (key.table == Table::kListen) continue;  // which are lists of tables
    const std::string line =
        PathOf(key, NameFor(key)) + " = " + Print(key.field, ScopeOf(key, &config));
    EXPECT_TRUE(TryLoad({line}).ok()) << line << "\n" << TryLoad({line}).status();
  }
}

}  // namespace
}  // namespace floe::config
