// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/assemble.h"

#include "absl/strings/str_cat.h"
#include "config/bounds.h"
#include "config/scopes.h"

namespace floe::config {
namespace {

std::string Describe(const Setting& setting, const Wrong& wrong) {
  const Value& value = wrong.item != nullptr ? *wrong.item : setting.value;
  const bool is_secret = wrong.is_secret || std::holds_alternative<Password>(setting.key->field);
  const bool quotes = wrong.suggests_string && value.kind != Value::Kind::kBare;
  return absl::StrCat(PathOf(*setting.key, setting.mount), is_secret ? "" : " = ",
                      is_secret ? "" : Shown(value), ": ", wrong.why, wrong.why.empty() ? "" : "; ",
                      "expected ", Expected(setting.key->field),
                      DidYouMean(wrong.suggestion, quotes));
}

class Assembly {
 public:
  Assembly(const Settings& settings, const SecretReader& secrets, Problems& problems,
           Provenance& provenance)
      : settings_(settings), secrets_(secrets), problems_(problems), provenance_(provenance) {}

  Config Run() {
    for (const Setting& setting : settings_.values) {
      provenance_.Of(setting.key, setting.mount).place = setting.value.place;
      strongest_[{setting.key, setting.mount}] = &setting;
    }
    for (const Setting& setting : settings_.values) {
      if (setting.mount.empty()) Apply(setting);
    }
    AddTablesOfMounts();
    for (const Setting& setting : settings_.values) {
      if (!setting.mount.empty()) Apply(setting);
    }
    return std::move(config_);
  }

 private:
  void AddTablesOfMounts() {
    for (const auto& [table, named] : settings_.of_mounts) {
      const uint32_t max = table == Table::kMount   ? kMountsMax
                           : table == Table::kRelay ? kRelaysMax
                                                    : kPushesMax;
      if (named.size() > max) {
        problems_.Add(named.begin()->second,
                      absl::StrCat("names more than ", max, " ",
                                   table == Table::kMount   ? "mounts"
                                   : table == Table::kRelay ? "mounts to fetch"
                                                            : "mounts to send"));
      }
      for (const auto& [name, place] : named) AddTable(table, name);
    }
  }

  // A mount that is fetched is there before anything is.
  void AddTable(Table table, const std::string& name) {
    if (table == Table::kRelay) config_.relays.try_emplace(name);
    if (table == Table::kPush) config_.pushes.try_emplace(name);
    if (table != Table::kPush) config_.mounts.try_emplace(name, config_.mount_defaults);
  }

  void Apply(const Setting& setting) {
    const bool is_secret = !SecretsIn(setting.key->field, setting.value).empty();
    const bool is_overridden = strongest_.at({setting.key, setting.mount}) != &setting;
    if (is_secret && is_overridden) return;
    const Scope scope = ScopeOf(&config_, setting.key->table, setting.mount);
    const Verdict wrong = Store(setting.key->field, setting.value, scope, secrets_);
    if (!wrong.has_value()) return;
    provenance_.Of(setting.key, setting.mount).is_wrong = true;
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

const Provenance::Entry* Provenance::Find(const Key* key, absl::string_view mount) const {
  const auto found = entries_.find({key, std::string(mount)});
  return found == entries_.end() ? nullptr : &found->second;
}

Config Assemble(const Settings& settings, const SecretReader& secrets, Problems& problems,
                Provenance& provenance) {
  return Assembly(settings, secrets, problems, provenance).Run();
}

}  // namespace floe::config
