// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/assemble.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "config/bounds.h"
#include "config/scopes.h"

namespace floe::config {
namespace {

std::string Describe(const Setting& setting, const Wrong& wrong) {
  const Value& value = wrong.item != nullptr ? *wrong.item : setting.value;
  const bool is_secret = wrong.is_secret || std::holds_alternative<Password>(setting.key->field);
  const bool quotes = wrong.suggests_string && value.kind != Value::Kind::kBare;
  return absl::StrCat(PathOf(*setting.key, setting.name), is_secret ? "" : " = ",
                      is_secret ? "" : Shown(value), ": ", wrong.why, wrong.why.empty() ? "" : "; ",
                      "expected ", Expected(setting.key->field),
                      DidYouMean(wrong.suggestion, quotes));
}

struct Bound {
  uint32_t max;
  absl::string_view what;
};

// How many tables of names there may be.
Bound BoundOf(Table table) {
  switch (table) {
    case Table::kMount: return {kMountsMax, "mounts"};
    case Table::kRelay: return {kRelaysMax, "mounts to fetch"};
    case Table::kPush: return {kPushesMax, "mounts to send"};
    case Table::kUser: return {kUsersMax, "users"};
    case Table::kWebhook: return {kWebhooksMax, "webhooks"};
    default: FLOE_BUG("a table without names", table);
  }
}

class Assembly {
 public:
  Assembly(const Settings& settings, const SecretReader& secrets, Problems& problems,
           Provenance& provenance)
      : settings_(settings), secrets_(secrets), problems_(problems), provenance_(provenance) {}

  Config Run() {
    for (const Setting& setting : settings_.values) {
      provenance_.Of(setting.key, setting.name).place = setting.value.place;
      strongest_[{setting.key, setting.name}] = &setting;
    }
    for (const Setting& setting : settings_.values) {
      if (setting.name.empty() && !IsOfEachAddress(setting)) Apply(setting);
    }
    for (const Setting& setting : settings_.values) {
      if (IsOfEachAddress(setting)) Apply(setting);
    }
    AddNamedTables();
    for (const Setting& setting : settings_.values) {
      if (!setting.name.empty()) Apply(setting);
    }
    return std::move(config_);
  }

 private:
  // What holds for all addresses waits until they are known.
  static bool IsOfEachAddress(const Setting& setting) {
    return std::holds_alternative<ListenFlag>(setting.key->field);
  }

  void AddNamedTables() {
    for (const auto& [table, named] : settings_.of_names) {
      const auto [max, what] = BoundOf(table);
      if (named.size() > max) {
        problems_.Add(named.begin()->second, absl::StrCat("names more than ", max, " ", what));
      }
      for (const auto& [name, place] : named) AddTable(table, name);
    }
  }

  // A mount that is fetched is there before anything is.
  void AddTable(Table table, const std::string& name) {
    if (table == Table::kRelay) config_.relays.try_emplace(name);
    if (table == Table::kPush) config_.pushes.try_emplace(name);
    if (table == Table::kUser) config_.users.try_emplace(name);
    if (table == Table::kWebhook) config_.webhooks.try_emplace(name);
    const bool makes_mount = table == Table::kMount || table == Table::kRelay;
    if (makes_mount) config_.mounts.try_emplace(name, config_.mount_defaults);
  }

  void Apply(const Setting& setting) {
    const bool is_secret = !SecretsIn(setting.key->field, setting.value).empty();
    const bool is_overridden = strongest_.at({setting.key, setting.name}) != &setting;
    if (is_secret && is_overridden) return;
    const Scope scope = ScopeOf(&config_, setting.key->table, setting.name);
    const Verdict wrong = Store(setting.key->field, setting.value, scope, secrets_);
    if (!wrong.has_value()) return;
    provenance_.Of(setting.key, setting.name).is_wrong = true;
    const Place& place = wrong->item != nullptr ? wrong->item->place : setting.value.place;
    problems_.Add(place, Describe(setting, *wrong));
  }

  const Settings& settings_;
  const SecretReader& secrets_;
  Problems& problems_;
  Provenance& provenance_;
  Config config_;
  std::map<std::pair<const Key*, std::string>, const Setting*> strongest_;
};

}  // namespace

const Provenance::Entry* Provenance::Find(const Key* key, absl::string_view name) const {
  const auto found = entries_.find({key, std::string(name)});
  return found == entries_.end() ? nullptr : &found->second;
}

Config Assemble(const Settings& settings, const SecretReader& secrets, Problems& problems,
                Provenance& provenance) {
  return Assembly(settings, secrets, problems, provenance).Run();
}

}  // namespace floe::config
