// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a reload changes.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace floe::config {

// Difference is what one configuration has otherwise than another.
struct Difference {
  // For people, in the order of the table of keys, then of mounts:
  //   limits.sources 64 -> 100
  //   limits.arena 256MiB -> 512MiB needs a swap: floe upgrade
  //   listen: added 0.0.0.0:9000
  //   mount /live: burst 4s -> 6s, source_password changed
  //   listen 0.0.0.0:8000: proxy_protocol false -> true
  //   mount /old: removed
  //   relay /live: on_demand false -> true, upstream's passwords changed
  // What a mount merely has of mount_defaults is told once, of these. Never a password.
  std::vector<std::string> lines;
  std::vector<std::string> listen_added, listen_removed;  // addresses
  std::vector<std::string> mounts_added, mounts_removed;  // names

  // Names that have a table of a kind, by what became of it.
  struct OfNames {
    std::vector<std::string> started, changed, stopped;
  };
  OfNames relays, pushes, users, webhooks;
  bool is_master_changed = false;
};

Difference Compare(const Config& before, const Config& after);

// Gives `config` what `running` has of the keys that only a swap changes: how it is to be applied
// in place.
void KeepWhatNeedsSwap(const Config& running, Config* config);

}  // namespace floe::config
