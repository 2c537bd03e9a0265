// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "session/endpoint.h"

namespace floe::server {

// Every path that is the server's own.
session::EndpointTable AllEndpoints();

// A line for each: "GET,POST operate changes /admin/killsource"; what changes nothing "asks".
std::string EndpointList();

}  // namespace floe::server
