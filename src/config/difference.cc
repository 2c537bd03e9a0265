// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/difference.h"

#include <type_traits>
#include <utility>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "config/keys.h"
#include "config/scopes.h"

namespace floe::config {
namespace {

// The kinds whose values are numbers with a unit, or words: they need no quotes.
template <typename Kind>
constexpr bool kIsBare = std::is_same_v<Kind, Time> || std::is_same_v<Kind, AutoTime> ||
                         std::is_same_v<Kind, Size> || std::is_same_v<Kind, Choice>;

std::string Shown(const Field& field, const Scope& scope) {
  const std::string printed = Print(field, scope);
  const bool is_bare =
      std::visit([](const auto& kind) { return kIsBare<std::decay_t<decltype(kind)>>; }, field);
  return is_bare ? printed.substr(1, printed.size() - 2) : printed;
}

// Whether both scopes have the same value of it.
bool IsSame(const Field& field, const Scope& one, const Scope& other) {
  if (const auto* password = std::get_if<Password>(&field)) {
    return password->at(one) == password->at(other);
  }
  if (const auto* upstreams = std::get_if<Upstreams>(&field)) {
    return upstreams->at(one) == upstreams->at(other);
  }
  return Print(field, one) == Print(field, other);
}

void CopyValue(const Field& field, const Scope& from, const Scope& to) {
  const auto copy = [&](const auto& kind) {
    if constexpr (requires { kind.at(from); }) {
      kind.at(to) = kind.at(from);
    } else {
      kind.set(to, kind.get(from));
    }
  };
  std::visit(copy, field);
}

// "burst 4s -> 6s"
std::string ChangeOf(const Key& key, absl::string_view name, const Scope& before,
                     const Scope& after) {
  if (std::holds_alternative<Password>(key.field)) return absl::StrCat(name, " changed");
  const std::string was = Shown(key.field, before);
  const std::string is = Shown(key.field, after);
  if (was == is) return absl::StrCat(name, "'s passwords changed");  // which are not shown
  return absl::StrCat(name, " ", was, " -> ", is,
                      key.change == Change::kSwap ? " needs a swap: floe upgrade" : "");
}

// Comparison goes through two configurations; copies, since keys are places to write to and so ask
// for what may be written.
class Comparison {
 public:
  Comparison(const Config& before, const Config& after) : before_(before), after_(after) {}

  Difference Find() {
    const Scope before = ScopeOf(&before_, Table::kServer, "");
    const Scope after = ScopeOf(&after_, Table::kServer, "");
    for (const Key& key : Keys()) {
      if (!NamesOf(key.table).of_name.empty()) continue;
      if (key.table == Table::kListen) {
        if (std::holds_alternative<Addresses>(key.field)) FindInListen();
      } else if (!IsSame(key.field, before, after)) {
        found_.lines.push_back(ChangeOf(key, PathOf(key), before, after));
        found_.is_master_changed |= key.table == Table::kMaster;
      }
    }
    const TableName& mounts = NamesOf(Table::kMount);
    FindInScopes(mounts.table, std::string(mounts.name), before, after);
    Difference::OfNames found = FindInTables(Table::kMount);
    found_.mounts_added = std::move(found.started);
    found_.mounts_removed = std::move(found.stopped);
    found_.relays = FindInTables(Table::kRelay);
    found_.pushes = FindInTables(Table::kPush);
    found_.users = FindInTables(Table::kUser);
    found_.webhooks = FindInTables(Table::kWebhook);
    return std::move(found_);
  }

 private:
  static const Listen* Find(const std::vector<Listen>& all, const std::string& address) {
    const auto found =
        absl::c_find_if(all, [&](const Listen& listen) { return listen.address == address; });
    return found == all.end() ? nullptr : &*found;
  }

  void FindInListen() {
    for (const Listen& listen : before_.listen) {
      if (Find(after_.listen, listen.address) != nullptr) continue;
      found_.listen_removed.push_back(listen.address);
      found_.lines.push_back(absl::StrCat("listen: removed ", listen.address));
    }
    for (const Listen& listen : after_.listen) {
      const Listen* before = Find(before_.listen, listen.address);
      if (before == nullptr) {
        found_.listen_added.push_back(listen.address);
        found_.lines.push_back(absl::StrCat("listen: added ", listen.address));
      } else if (before->proxy_protocol != listen.proxy_protocol) {
        const bool is = listen.proxy_protocol;
        found_.lines.push_back(absl::StrCat("listen ", listen.address, ": proxy_protocol ",
                                            is ? "false -> true" : "true -> false"));
      }
    }
  }

  // In the tables of each name.
  Difference::OfNames FindInTables(Table table) {
    const std::string kind(NamesOf(table).of_name);
    const std::vector<std::string> before = NamesWith(before_, table);
    const std::vector<std::string> after = NamesWith(after_, table);
    Difference::OfNames found;
    for (const std::string& name : before) {
      const std::string what = absl::StrCat(kind, " ", name);
      if (!absl::c_binary_search(after, name)) {
        found.stopped.push_back(name);
        found_.lines.push_back(absl::StrCat(what, ": removed"));
      } else if (FindInScopes(table, what, ScopeOf(&before_, table, name),
                              ScopeOf(&after_, table, name))) {
        found.changed.push_back(name);
      }
    }
    for (const std::string& name : after) {
      if (absl::c_binary_search(before, name)) continue;
      found.started.push_back(name);
      found_.lines.push_back(absl::StrCat(kind, " ", name, ": added"));
    }
    return found;
  }

  // Of the defaults, or of one mount. Whether there is any.
  bool FindInScopes(Table table, const std::string& what, const Scope& before, const Scope& after) {
    const Scope defaults_before = ScopeOf(&before_, table, "");
    const Scope defaults_after = ScopeOf(&after_, table, "");
    const bool may_inherit = table == Table::kMount && before.mount != defaults_before.mount;
    std::vector<std::string> changes;
    for (const Key& key : Keys()) {
      if (key.table != table || IsSame(key.field, before, after)) continue;
      const bool is_inherited = may_inherit && IsSame(key.field, before, defaults_before) &&
                                IsSame(key.field, after, defaults_after);
      if (!is_inherited) changes.push_back(ChangeOf(key, key.name, before, after));
    }
    if (changes.empty()) return false;
    found_.lines.push_back(absl::StrCat(what, ": ", absl::StrJoin(changes, ", ")));
    return true;
  }

  Config before_, after_;
  Difference found_;
};

}  // namespace

Difference Compare(const Config& before, const Config& after) {
  return Comparison(before, after).Find();
}

void KeepWhatNeedsSwap(const Config& running, Config* config) {
  Config copy = running;
  const Scope from = ScopeOf(&copy, Table::kServer, "");
  const Scope to = ScopeOf(config, Table::kServer, "");
  for (const Key& key : Keys()) {
    if (key.change != Change::kSwap) continue;
    FLOE_CHECK(NamesOf(key.table).of_name.empty());  // each mount would have to be looked at
    CopyValue(key.field, from, to);
  }
}

}  // namespace floe::config
