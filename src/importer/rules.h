// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Most keys of other servers have a counterpart, or none, and nothing to think about: those are
// rows of a table.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "importer/draft.h"
#include "importer/item.h"

namespace floe::importer {

enum class How : uint8_t {
  kText,
  kPassword,    // in plain text
  kHash,        // of a password
  kCount,       // a whole number; below 1 it is none, and nothing is set
  kNumber,      // a whole number, 0 as well; below that nothing is set
  kSeconds,     // below 0 nothing is set
  kSecondsOr0,  // the same, of 0 as well
  kFlag,
  kMount,        // a mount's name, with or without its '/'
  kNetworks,     // addresses and networks: a list, or commas between
  kBurst,        // bytes
  kElsewhere,    // whoever calls takes it
  kMeaningless,  // says nothing that Floe would have to know
  kLeave,        // it cannot be carried over, and this is why
  kLeaveIfOn,    // the same, unless it is off or empty
};

// Rule is what becomes of one key.
struct Rule {
  absl::string_view name;  // over there; names are compared as they are
  How how;
  // For the kinds that set something: "limits.sources", or of the table at hand ".intro". For the
  // others: why not, and what would do instead.
  absl::string_view to = "";
};

// Scene is the table that is read, and where it goes.
struct Scene {
  std::string where;     // "limits", "mount /live"
  std::string section;   // of the draft; what ".key" is in
  uint32_t bitrate = 0;  // bits a second, of sizes; 0: the usual one
};

// Goes by `rules` through the members of `table`. What no rule names becomes a note.
void Carry(const Item& table, std::span<const Rule> rules, const Scene& scene, Draft* draft);

// The origin of a member of that table, or of the table itself when `key` is empty.
Origin OriginOf(const Scene& scene, absl::string_view key, const Item& item);

}  // namespace floe::importer
