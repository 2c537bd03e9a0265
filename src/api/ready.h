// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What supervisors and balancers ask: whether the process lives, and whether newcomers are to be
// sent to it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "ring/task.h"
#include "session/exchange.h"
#include "session/services.h"

namespace floe::api {

// Why a newcomer might be refused now; none: each would be taken. Threads: any.
std::vector<std::string> ReasonsNotReady(const session::Services& services);

// /healthz: 200 as long as every shard turns, as /health has it; 503.
ring::Task<> SendAlive(session::Exchange& exchange);
// /readyz: 200 while newcomers are taken; 503 with the reasons.
ring::Task<> SendReady(session::Exchange& exchange);

}  // namespace floe::api
