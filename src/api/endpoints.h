// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "session/endpoint.h"

namespace floe::api {

// The paths below /api/, and those where others ask how the process is.
std::span<const session::Endpoint> Endpoints();

}  // namespace floe::api
