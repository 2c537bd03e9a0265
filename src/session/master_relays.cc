// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/master_relays.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "base/http_url.h"
#include "config/bounds.h"
#include "http/escape.h"

namespace floe::session {

bool IsOfMaster(const config::Config& config, const std::string& mount) {
  if (config.master.url.empty() || config.relays.contains(mount)) return false;
  const auto configured = config.mounts.find(mount);
  return configured == config.mounts.end() || configured->second.file.empty();
}

config::Relay RelayOfMaster(const config::Master& master, absl::string_view mount) {
  const HttpUrl url = *HttpUrl::Parse(master.url);
  config::Upstream upstream;
  upstream.url = absl::StrCat("http://", url.Authority(), http::UrlEncodePath(mount));
  upstream.token = master.token;
  upstream.password = master.password;
  if (!master.password.empty()) upstream.user = master.user;
  config::Relay relay;
  relay.upstreams.push_back(std::move(upstream));
  relay.on_demand = master.on_demand;
  return relay;
}

std::map<std::string, config::Relay> RelaysOfMaster(const config::Config& config,
                                                    const std::vector<std::string>& listed) {
  std::map<std::string, config::Relay> relays;
  for (const std::string& mount : std::set<std::string>(listed.begin(), listed.end())) {
    if (relays.size() + config.relays.size() >= config::kRelaysMax) break;
    if (IsOfMaster(config, mount)) relays.emplace(mount, RelayOfMaster(config.master, mount));
  }
  return relays;
}

}  // namespace floe::session
