// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/fields.h"

namespace floe::config {

// The tables of a configuration. kMount is mount_defaults and each mount alike; of kRelay and kPush
// there is one for each mount that has it, of kUser and kWebhook one for each name, and no other.
enum class Table : uint8_t {
  kServer,
  kListen,
  kLimits,
  kFanout,
  kAuth,
  kAccess,
  kUser,
  kLog,
  kHistory,
  kWebhook,
  kMount,
  kRelay,
  kMaster,
  kPush,
};

struct TableName {
  Table table;
  absl::string_view name;  // of kMount "mount_defaults"
  absl::string_view doc;
  // "mount", as in [mount."/live"], "user", as in [user."dj"]; empty: there is but one such table.
  absl::string_view of_name = "";
  bool is_of_words = false;  // the names are words, not mounts

  bool is_of_names_only() const { return name == of_name; }
  absl::string_view SomeName() const { return is_of_words ? "name" : "/name"; }
};
// In the order in which they are described.
std::span<const TableName> Tables();
const TableName& NamesOf(Table table);

// What it takes for another value of a key to hold. Every key says so, since a reload goes by it.
enum class Change : uint8_t {
  kInPlace,  // a reload is enough
  kSwap,     // another process, to which the listeners are handed over
};

// Key is all that is known of one key. Whatever reads, checks, suggests or prints goes by these.
struct Key {
  Table table;
  absl::string_view name;
  Change change;
  absl::string_view doc;  // one line, a sentence without its full stop
  Field field;
};
std::span<const Key> Keys();

// Null when there is none.
const Key* FindKey(Table table, absl::string_view name);
const Key* FindVariable(absl::string_view variable);

// Why a name cannot have such a table. REQUIRES a table of names.
Verdict CheckNameOf(const TableName& table, absl::string_view name);

// "limits.arena", "listen", `relay."/name".upstream`.
std::string PathOf(const Key& key);
// `mount."/live".burst`; as above when `name` is empty.
std::string PathOf(const Key& key, absl::string_view name);
// "FLOE_LIMITS_ARENA", "FLOE_LISTEN"; empty for what only tables of names have.
std::string VariableOf(const Key& key);

// What was probably meant, empty when nobody can tell: by a name in `table`, as one has it there or
// with the table where it belongs; by a path; by a variable.
std::string SuggestName(Table table, absl::string_view name);
std::string SuggestPath(absl::string_view path);
std::string SuggestVariable(absl::string_view variable);

}  // namespace floe::config
