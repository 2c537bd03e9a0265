// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "session/endpoint.h"

namespace floe::admin {

// Icecast's admin API, the pages that go with it, and SHOUTcast's.
std::span<const session::Endpoint> Endpoints();

}  // namespace floe::admin
