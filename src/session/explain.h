// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Why a mount plays what it plays: what floe explain and /admin/explain say. Pure.
#pragma once

#include <string>
#include <vector>

#include "mount/router.h"
#include "nlohmann/json_fwd.hpp"
#include "session/exchange.h"

namespace floe::session {

// What plays, each step to it, and what would play if the mount's source left; "lines" is the same
// for people.
nlohmann::ordered_json ExplainJson(const mount::Explanation& explanation);

// For people, a line each.
std::vector<std::string> ExplainLines(const mount::Explanation& explanation);

// Answers GET of /admin/explain?mount=/live, as text; with format=json in JSON.
ring::Task<> SendExplanation(Exchange& exchange);

}  // namespace floe::session
