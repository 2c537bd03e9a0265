// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/describe.h"

#include "absl/strings/str_cat.h"
#include "config/keys.h"

namespace floe::config {
namespace {

void AppendKey(std::string& out, const Key& key, const Scope& scope) {
  if (const auto* password = std::get_if<Password>(&key.field)) {
    const bool is_set = !password->at(scope).empty();
    absl::StrAppend(&out, is_set ? "# " : "", key.name,
                    is_set ? " is set, not shown\n" : " = \"\"\n");
    return;
  }
  absl::StrAppend(&out, key.name, " = ", Print(key.field, scope), "\n");
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
    if (table.table != Table::kListen) {
      AppendTable(out, absl::StrCat("[", table.name, "]"), table.table,
                  {&copy, &copy.mount_defaults});
      continue;
    }
    for (const Listen& listen : config.listen) {
      absl::StrAppend(&out, "\n[[listen]]\naddress = ", Quoted(listen.address), "\n");
    }
  }
  for (auto& [name, mount] : copy.mounts) {
    AppendTable(out, absl::StrCat("[mount.", Quoted(name), "]"), Table::kMount, {&copy, &mount});
  }
  return out;
}

}  // namespace floe::config
