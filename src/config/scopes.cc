// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/scopes.h"

#include <map>

namespace floe::config {
namespace {

template <typename T>
std::vector<std::string> NamesIn(const std::map<std::string, T>& named) {
  std::vector<std::string> names;
  for (const auto& [name, value] : named) names.push_back(name);
  return names;
}

}  // namespace

Scope ScopeOf(Config* config, Table table, const std::string& mount) {
  Scope scope{config, &config->mount_defaults};
  if (mount.empty()) return scope;
  if (table == Table::kMount) scope.mount = &config->mounts.at(mount);
  if (table == Table::kRelay) scope.relay = &config->relays.at(mount);
  if (table == Table::kPush) scope.push = &config->pushes.at(mount);
  return scope;
}

std::vector<std::string> MountsWith(const Config& config, Table table) {
  switch (table) {
    case Table::kMount: return NamesIn(config.mounts);
    case Table::kRelay: return NamesIn(config.relays);
    case Table::kPush: return NamesIn(config.pushes);
    default: return {};
  }
}

}  // namespace floe::config
