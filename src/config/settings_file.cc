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

// "[relay."/name"]"
std::string HeadOf(const TableName& table) {
  return absl::StrCat("[", table.of_name, ".", Quoted(table.SomeName()), "]");
}

// Whether a suggestion is a path that has quotes of its own: relay."/name".upstream.
bool IsOfOneName(absl::string_view meant) { return absl::StrContains(meant, '"'); }

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
      } else if (member.key == table->of_name) {
        WalkNamed(*table, member.value);
      } else {
        WalkTable(*table, member);
      }
    }
  }

 private:
  static const TableName* FindTable(absl::string_view name) {
    for (const TableName& table : Tables()) {
      if (table.name == name || table.of_name == name) return &table;
    }
    return nullptr;
  }

  void RefuseTable(const Member& member) {
    std::vector<absl::string_view> names;
    for (const TableName& table : Tables()) {
      if (!table.of_name.empty()) names.push_back(table.of_name);
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

  void WalkNamed(const TableName& table, const Value& named) {
    if (named.kind != Value::Kind::kTable) {
      problems_.Add(named.place, absl::StrCat("\"", table.of_name, "\" is a table of ",
                                              table.is_of_words ? "names" : "mounts", "; expected ",
                                              HeadOf(table)));
      return;
    }
    for (const Member& member : named.members) {
      if (problems_.full()) return;
      WalkName(table, member);
    }
  }

  void WalkName(const TableName& table, const Member& member) {
    const absl::string_view kind = table.of_name;
    const Key* misplaced = FindKey(table.table, member.key);
    if (member.value.kind != Value::Kind::kTable) {
      const std::string meant = misplaced != nullptr ? PathOf(*misplaced) : "";
      problems_.Add(member.place,
                    absl::StrCat(kind, ".", Cut(member.key), " is not a table; expected ",
                                 HeadOf(table), " and its keys below", DidYouMean(meant)));
      return;
    }
    if (const Verdict verdict = CheckNameOf(table, member.key)) {
      const std::string meant =
          verdict->suggestion.empty()
              ? ""
              : absl::StrCat("[", kind, ".", Quoted(verdict->suggestion), "]");
      problems_.Add(member.place, absl::StrCat(kind, ".", Cut(member.key), ": ", verdict->why,
                                               DidYouMean(meant)));
      return;
    }
    settings_.of_names[table.table].try_emplace(member.key, member.place);
    for (const Member& entry : member.value.members) {
      AddEntry(table.table, absl::StrCat("[", kind, ".", Quoted(member.key), "]"), member.key,
               entry);
    }
  }

  // [[listen]] becomes one list of tables, each with an address.
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
        has_address |= entry.key == setting.key->name;
        if (FindKey(Table::kListen, entry.key) == nullptr) {
          RefuseEntry(Table::kListen, "[[listen]]", entry);
        }
      }
      if (has_address) setting.value.items.push_back(table);
      if (!has_address) problems_.Add(table.place, "[[listen]] has no address; expected one");
    }
    if (is_list) settings_.values.push_back(std::move(setting));
  }

  void AddEntry(Table table, absl::string_view where, absl::string_view name, const Member& entry) {
    if (problems_.full()) return;
    const Key* key = FindKey(table, entry.key);
    if (key == nullptr) return RefuseEntry(table, where, entry);
    settings_.values.push_back({key, std::string(name), entry.value});
  }

  void RefuseEntry(Table table, absl::string_view where, const Member& entry) {
    const std::string meant = SuggestName(table, entry.key);
    problems_.Add(entry.place, absl::StrCat("unknown key ", Cut(entry.key), " in ", where,
                                            DidYouMean(meant, !IsOfOneName(meant))));
  }

  Settings& settings_;
  Problems& problems_;
};

}  // namespace

void AddFile(const Value& root, Settings& settings, Problems& problems) {
  FileTables(settings, problems).Walk(root);
}

}  // namespace floe::config
