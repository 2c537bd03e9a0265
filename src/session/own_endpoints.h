// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "session/endpoint.h"

namespace floe::session {

// The pages and calls that sessions answer themselves.
std::span<const Endpoint> OwnEndpoints();

}  // namespace floe::session
