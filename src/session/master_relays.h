// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What becomes of the list of mounts that the master has.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config.h"

namespace floe::session {

// Whether a mount is fetched from the master if that has it. Not where [relay] or `file` says
// otherwise: what is said of one mount goes before what is said of all.
bool IsOfMaster(const config::Config& config, const std::string& mount);

// How it is fetched: by the same login as the list. REQUIRES: there is a master.
config::Relay RelayOfMaster(const config::Master& master, absl::string_view mount);

// What is to be fetched of a list, by mount: none without a master, and with those that [relay]
// names no more than kRelaysMax. The first by name are, of more.
std::map<std::string, config::Relay> RelaysOfMaster(const config::Config& config,
                                                    const std::vector<std::string>& listed);

}  // namespace floe::session
