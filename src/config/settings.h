// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/keys.h"
#include "config/load.h"
#include "config/problems.h"
#include "config/value.h"

namespace floe::config {

// Setting is one key that a source gives a value, right or wrong.
struct Setting {
  const Key* key;
  std::string name;  // whose table it stands in; empty: the configuration's, or mount_defaults
  Value value;
};

// Settings is what all sources say.
struct Settings {
  using Named = std::map<std::string, Place>;  // each name, and where it stands first

  std::vector<Setting> values;      // weakest source first; of one key the last one counts
  std::map<Table, Named> of_names;  // the names that have a table of that kind
};

// Each adds what its source says; what is no key, or is not where keys are, becomes a problem.
// Whether a value is right is not looked at here.

// `root`: the table that the file is.
void AddFile(const Value& root, Settings& settings, Problems& problems);
void AddEnvironment(const Environment& environment, Settings& settings);
void AddSets(const std::vector<std::string>& sets, Settings& settings, Problems& problems);

// Whatever begins with FLOE_ in the environment was meant for Floe: it is a problem when it is
// neither a key nor named by a secret of `settings`. FLOE_SOURCE_PASSWORD, which is floe-source's,
// is worth a warning only (`warnings` may be null). What an orchestrator adds by itself is left in
// peace: a service called "floe" makes FLOE_SERVICE_HOST and FLOE_PORT_8000_TCP appear.
void CheckEnvironment(const Environment& environment, const Settings& settings, Problems& problems,
                      std::vector<std::string>* warnings);

}  // namespace floe::config
