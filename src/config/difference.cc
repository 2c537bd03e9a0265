// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/difference.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "config/keys.h"

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
  return absl::StrCat(name, " ", Shown(key.field, before), " -> ", Shown(key.field, after),
                      key.change == Change::kSwap ? " needs a swap: floe upgrade" : "");
}

// Comparison goes through two configurations; copies, since keys are places to write to and so ask
// for what may be written.
class Comparison {
 public:
  Comparison(const Config& before, const Config& after) : before_(before), after_(after) {}

  Difference Find() {
    const Scope before{&before_, &before_.mount_defaults};
    const Scope after{&after_, &after_.mount_defaults};
    for (const Key& key : Keys()) {
      if (key.table == Table::kMount) continue;
      if (key.table == Table::kListen) {
        FindInListen();
      } else if (!IsSame(key.field, before, after)) {
        found_.lines.push_back(ChangeOf(key, PathOf(key), before, after));
      }
    }
    FindInScopes(std::string(NameOf(Table::kMount)), before, after);
    FindInMounts();
    return std::move(found_);
  }

 private:
  static bool Has(const std::vector<Listen>& all, const std::string& address) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Listen& listen) { return listen.address == address; });
  }

  void FindInListen() {
    for (const Listen& listen : before_.listen) {
      if (Has(after_.listen, listen.address)) continue;
      found_.listen_removed.push_back(listen.address);
      found_.lines.push_back(absl::StrCat("listen: removed ", listen.address));
    }
    for (const Listen& listen : after_.listen) {
      if (Has(before_.listen, listen.address)) continue;
      found_.listen_added.push_back(listen.address);
      found_.lines.push_back(absl::StrCat("listen: added ", listen.address));
    }
  }

  void FindInMounts() {
    for (auto& [name, mount] : before_.mounts) {
      const auto found = after_.mounts.find(name);
      if (found == after_.mounts.end()) {
        found_.mounts_removed.push_back(name);
        found_.lines.push_back(absl::StrCat("mount ", name, ": removed"));
      } else {
        FindInScopes(absl::StrCat("mount ", name), {&before_, &mount}, {&after_, &found->second});
      }
    }
    for (const auto& [name, mount] : after_.mounts) {
      if (before_.mounts.contains(name)) continue;
      found_.mounts_added.push_back(name);
      found_.lines.push_back(absl::StrCat("mount ", name, ": added"));
    }
  }

  // Of the defaults, or of one mount.
  void FindInScopes(const std::string& what, const Scope& before, const Scope& after) {
    const Scope defaults_before{&before_, &before_.mount_defaults};
    const Scope defaults_after{&after_, &after_.mount_defaults};
    const bool is_mount = before.mount != defaults_before.mount;
    std::vector<std::string> changes;
    for (const Key& key : Keys()) {
      if (key.table != Table::kMount || IsSame(key.field, before, after)) continue;
      const bool is_inherited = is_mount && IsSame(key.field, before, defaults_before) &&
                                IsSame(key.field, after, defaults_after);
      if (!is_inherited) changes.push_back(ChangeOf(key, key.name, before, after));
    }
    if (changes.empty()) return;
    found_.lines.push_back(absl::StrCat(what, ": ", absl::StrJoin(changes, ", ")));
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
  const Scope from{&copy, &copy.mount_defaults};
  const Scope to{config, &config->mount_defaults};
  for (const Key& key : Keys()) {
    if (key.change != Change::kSwap) continue;
    FLOE_CHECK(key.table != Table::kMount);  // each mount would have to be looked at
    CopyValue(key.field, from, to);
  }
}

}  // namespace floe::config
