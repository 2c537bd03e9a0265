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

Scope ScopeOf(Config* config, Table table, const std::string& name) {
  Scope scope{config, &config->mount_defaults};
  if (name.empty()) return scope;
  if (table == Table::kMount) scope.mount = &config->mounts.at(name);
  if (table == Table::kRelay) scope.relay = &config->relays.at(name);
  if (table == Table::kPush) scope.push = &config->pushes.at(name);
  if (table == Table::kUser) scope.user = &config->users.at(name);
  if (table == Table::kWebhook) scope.webhook = &config->webhooks.at(name);
  return scope;
}

std::vector<std::string> NamesWith(const Config& config, Table table) {
  switch (table) {
    case Table::kMount: return NamesIn(config.mounts);
    case Table::kRelay: return NamesIn(config.relays);
    case Table::kPush: return NamesIn(config.pushes);
    case Table::kUser: return NamesIn(config.users);
    case Table::kWebhook: return NamesIn(config.webhooks);
    default: return {};
  }
}

}  // namespace floe::config
