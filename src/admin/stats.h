// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Icecast's statistics: names and values of the server and of each mount that has a source.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "admin/document.h"
#include "mount/mount_ref.h"
#include "session/services.h"

namespace floe::admin {

struct Stat {
  std::string value;
  bool is_number = false;

  bool operator==(const Stat&) const = default;
};
// In the order of their names, as Icecast lists them.
using Stats = std::map<std::string, Stat>;

Stats GlobalStats(const session::Services& services);
// REQUIRES: the mount has a source.
Stats SourceStats(const session::Services& services, const mount::Mount& mount,
                  absl::string_view base_url);

// The mounts that have a source and a name that can be asked for, by name.
std::vector<mount::MountRef> LiveMounts(const mount::Registry& registry);

// What everybody may know of it, of the names of Icecast 2.5's publicstats.
bool IsPublic(absl::string_view name);

void PutAll(const Stats& stats, Node* node);

// "Sat, 28 Nov 2026 20:39:03 +0000", and the same as ISO 8601 has it.
std::string IcecastTime(absl::Time time);
std::string Iso8601(absl::Time time);
// Seconds since then, as Icecast counts a connection's.
uint64_t SecondsSince(absl::Time since);

}  // namespace floe::admin
