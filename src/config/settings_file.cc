// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The file's tables: which key is which. Values of keys that nobody knows are never shown: the key
// may be a misspelt password.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/bounds.h"
#include "config/checks.h"
#include "config/settings.h"
#include "config/suggest.h"

namespace floe::config {
namespace {

std::string Cut(absl::string_view key) {
  return Quoted(key.size() <= kShownBytesMax ? key
                                             : absl::StrCat(key.substr(0, kShownBytesMax), "..."));
}

// Whether a suggestion is a path that has quotes of its own: relay."/name".upstream.
bool IsOfOneMount(absl::string_view meant) { return absl::StrContains(meant, '"'); }

class FileTables {
 public:
  FileTables(Settings& settings, Problems& problems) : settings_(settings), problems_(problems) {}

  void Walk(const Value& root) {
    for (const Member& member : root.members) {
      if (problems_.full()) return;
      const TableName* table = FindTable(member.key);
      if (table == nullptr) {
        RefuseTable(member);
      } else if (table->table == Table::kListen) {
        WalkListen(member.value);
      } else if (member.key == table->of_mount) {
        WalkMounts(*table, member.value);
      } else {
        WalkTable(*table, member);
      }
    }
  }

 private:
  static const TableName* FindTable(absl::string_view name) {
    for (const TableName& table : Tables()) {
      if (table.name == name || table.of_mount == name) return &table;
    }
    return nullptr;
  }

  void RefuseTable(const Member& member) {
    std::vector<absl::string_view> names;
    for (const TableName& table : Tables()) {
      if (!table.of_mount.empty()) names.push_back(table.of_mount);
      names.push_back(table.name);
    }
    const bool is_table = member.value.kind == Value::Kind::kTable;
    const std::string near(Nearest(member.key, names));
    const std::string meant = !near.empty() || is_table ? near : SuggestPath(member.key);
    problems_.Add(member.place, absl::StrCat("unknown ", is_table ? "table " : "key ",
                                             Cut(member.key), DidYouMean(meant, true)));
  }

  void WalkTable(const TableName& table, const Member& member) {
    if (member.value.kind != Value::Kind::kTable) {
      problems_.Add(member.place, absl::StrCat("\"", table.name, "\" is a table; expected [",
                                               table.name, "] and its keys below"));
      return;
    }
    for (const Member& entry : member.value.members) {
      AddEntry(table.table, absl::StrCat("[", table.name, "]"), "", entry);
    }
  }

  void WalkMounts(const TableName& table, const Value& mounts) {
    if (mounts.kind != Value::Kind::kTable) {
      problems_.Add(mounts.place, absl::StrCat("\"", table.of_mount, "\" is a table of mounts; ",
                                               "expected [", table.of_mount, ".\"/name\"]"));
      return;
    }
    for (const Member& member : mounts.members) {
      if (problems_.full()) return;
      WalkMount(table, member);
    }
  }

  void WalkMount(const TableName& table, const Member& member) {
    const absl::string_view kind = table.of_mount;
    const Key* misplaced = FindKey(table.table, member.key);
    if (member.value.kind != Value::Kind::kTable) {
      const std::string meant = misplaced != nullptr ? PathOf(*misplaced) : "";
      problems_.Add(member.place,
                    absl::StrCat(kind, ".", Cut(member.key), " is not a table; expected [", kind,
                                 ".\"/name\"] and its keys below", DidYouMean(meant)));
      return;
    }
    if (const Verdict verdict = CheckMount(member.key)) {
      const std::string meant =
          verdict->suggestion.empty()
              ? ""
              : absl::StrCat("[", kind, ".", Quoted(verdict->suggestion), "]");
      problems_.Add(member.place, absl::StrCat(kind, ".", Cut(member.key), ": ", verdict->why,
                                               DidYouMean(meant)));
      return;
    }
    settings_.of_mounts[table.table].try_emplace(member.key, member.place);
    for (const Member& entry : member.value.members) {
      AddEntry(table.table, absl::StrCat("[", kind, ".", Quoted(member.key), "]"), member.key,
               entry);
    }
  }

  // [[listen]] becomes one list of addresses.
  void WalkListen(const Value& listen) {
    constexpr absl::string_view kForm =
        "\"listen\" is a list of tables; expected [[listen]] and address = \"0.0.0.0:8000\" below";
    Setting setting = {FindKey(Table::kListen, "address"), "", {}};
    setting.value.kind = Value::Kind::kList;
    setting.value.place = listen.place;
    const bool is_list = listen.kind == Value::Kind::kList;
    if (!is_list) problems_.Add(listen.place, kForm);
    for (const Value& table : listen.items) {
      if (problems_.full()) return;
      if (table.kind != Value::Kind::kTable) {
        problems_.Add(table.place, kForm);
        continue;
      }
      bool has_address = false;
      for (const Member& entry : table.members) {
        if (entry.key == setting.key->name) {
          has_address = true;
          setting.value.items.push_back(entry.value);
        } else {
          RefuseEntry(Table::kListen, "[[listen]]", entry);
        }
      }
      if (!has_address) problems_.Add(table.place, "[[listen]] has no address; expected one");
    }
    if (is_list) settings_.values.push_back(std::move(setting));
  }

  void AddEntry(Table table, absl::string_view where, absl::string_view mount,
                const Member& entry) {
    if (problems_.full()) return;
    const Key* key = FindKey(table, entry.key);
    if (key == nullptr) return RefuseEntry(table, where, entry);
    settings_.values.push_back({key, std::string(mount), entry.value});
  }

  void RefuseEntry(Table table, absl::string_view where, const Member& entry) {
    const std::string meant = SuggestName(table, entry.key);
    problems_.Add(entry.place, absl::StrCat("unknown key ", Cut(entry.key), " in ", where,
                                            DidYouMean(meant, !IsOfOneMount(meant))));
  }

  Settings& settings_;
  Problems& problems_;
};

}  // namespace

void AddFile(const Value& root, Settings& settings, Problems& problems) {
  FileTables(settings, problems).Walk(root);
}

}  // namespace floe::config
