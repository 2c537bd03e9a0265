// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ring/task.h"
#include "session/exchange.h"

namespace floe::api {

// GET me: who asks, and what they may do, with the server or with ?mount=.
ring::Task<> SendMe(session::Exchange& exchange, std::string);

}  // namespace floe::api
