// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "config/config.h"
#include "config/problems.h"
#include "config/secrets.h"
#include "config/settings.h"

namespace floe::config {

// Provenance remembers which key was set where, for what is told of several keys at once.
class Provenance {
 public:
  struct Entry {
    Place place;            // of the strongest setting
    bool is_wrong = false;  // one of its settings is already a problem
  };

  Entry& Of(const Key* key, absl::string_view name) { return entries_[{key, std::string(name)}]; }
  // Null when the key is not set there. An empty `name` is the configuration, or mount_defaults.
  const Entry* Find(const Key* key, absl::string_view name) const;

 private:
  std::map<std::pair<const Key*, std::string>, Entry> entries_;
};

// The defaults with all settings applied, weakest first: those of the configuration, then those of
// each name, a mount's upon a copy of mount_defaults. A password is only looked for where the
// strongest setting says, so that an overridden "env:NAME" needs no variable.
Config Assemble(const Settings& settings, const SecretReader& secrets, Problems& problems,
                Provenance& provenance);

}  // namespace floe::config
