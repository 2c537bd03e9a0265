// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "events/event.h"

namespace floe::events {

// One line of JSON: "id", "time" (RFC 3339, UTC), "type", "mount" where it is of one, and what its
// kind says. The event stream and the webhooks send this. Bytes that are no UTF-8 become U+FFFD.
std::string JsonOf(const Event& event, uint64_t run);

}  // namespace floe::events
