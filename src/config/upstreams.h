// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The list of a relay's upstreams, as a file has it: URLs, and tables of a URL and what goes with
// it.
#pragma once

#include <vector>

#include "config/config.h"
#include "config/problems.h"
#include "config/secrets.h"
#include "config/value.h"

namespace floe::config {

// Checks `items` and makes upstreams of them, or says what is wrong with which, and makes nothing.
Verdict ReadUpstreams(const std::vector<Value>& items, const SecretReader& secrets,
                      std::vector<Upstream>* upstreams);

// The passwords and tokens in `items`, good as long as these are.
std::vector<WrittenSecret> SecretsInUpstreams(const std::vector<Value>& items);

}  // namespace floe::config
