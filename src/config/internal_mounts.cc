// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/internal_mounts.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "config/mount_name.h"

namespace floe::config {

Mount InternalMount(const Config& config) {
  Mount mount = config.mount_defaults;
  mount.hidden = true;
  mount.max_listeners = 0;
  mount.file.clear();
  mount.intro.clear();
  mount.fallback.clear();
  mount.stream_name.clear();
  mount.stream_description.clear();
  mount.stream_url.clear();
  mount.stream_genre.clear();
  return mount;
}

void AddFileMounts(Config* config) {
  std::set<std::string> names(config->mount_defaults.fallback.begin(),
                              config->mount_defaults.fallback.end());
  for (const auto& [name, mount] : config->mounts) {
    names.insert(mount.fallback.begin(), mount.fallback.end());
  }
  for (const std::string& name : names) {
    absl::string_view path = name;
    if (!absl::ConsumePrefix(&path, kFileFallback)) continue;
    Mount mount = InternalMount(*config);
    mount.file = std::string(path);
    config->mounts.insert_or_assign(name, std::move(mount));
  }
}

}  // namespace floe::config
