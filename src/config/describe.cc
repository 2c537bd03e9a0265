// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/describe.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/keys.h"
#include "config/scopes.h"

namespace floe::config {
namespace {

bool HasSecret(const std::vector<Upstream>& upstreams) {
  return std::any_of(upstreams.begin(), upstreams.end(), [](const Upstream& upstream) {
    return !upstream.password.empty() || !upstream.token.empty();
  });
}

void AppendKey(std::string& out, const Key& key, const Scope& scope) {
  if (const auto* password = std::get_if<Password>(&key.field)) {
    const bool is_set = !password->at(scope).empty();
    absl::StrAppend(&out, is_set ? "# " : "", key.name,
                    is_set ? " is set, not shown\n" : " = \"\"\n");
    return;
  }
  const auto* upstreams = std::get_if<Upstreams>(&key.field);
  const bool hides = upstreams != nullptr && HasSecret(upstreams->at(scope));
  absl::StrAppend(&out, key.name, " = ", Print(key.field, scope),
                  hides ? "  # with passwords, not shown\n" : "\n");
}

void AppendTable(std::string& out, absl::string_view head, Table table, const Scope& scope) {
  absl::StrAppend(&out, out.empty() ? "" : "\n", head, "\n");
  for (const Key& key : Keys()) {
    if (key.table == table) AppendKey(out, key, scope);
  }
}

}  // namespace

std::string Describe(const Config& config) {
  Config copy = config;  // keys are places to write to, and so ask for one that may be
  std::string out;
  for (const TableName& table : Tables()) {
    if (table.is_of_names_only()) continue;
    if (table.table != Table::kListen) {
      AppendTable(out, absl::StrCat("[", table.name, "]"), table.table,
                  ScopeOf(&copy, table.table, ""));
      continue;
    }
    for (const Listen& listen : config.listen) {
      absl::StrAppend(&out, "\n[[listen]]\naddress = ", Quoted(listen.address),
                      "\nproxy_protocol = ", listen.proxy_protocol ? "true" : "false", "\n");
    }
  }
  for (const TableName& table : Tables()) {
    for (const std::string& name : NamesWith(config, table.table)) {
      AppendTable(out, absl::StrCat("[", table.of_name, ".", Quoted(name), "]"), table.table,
                  ScopeOf(&copy, table.table, name));
    }
  }
  return out;
}

}  // namespace floe::config
