// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "ring/waker.h"
#include "session/services.h"
#include "session/welcome.h"

namespace floe::server {

inline constexpr size_t kSilencesMax = 64;  // kinds that play at once; others are not begun

// Has silence of its own kind play for every mount that falls back to "silence:", and no other but
// those that the configuration itself names. One that ended is forgotten when nobody hears it any
// more.
//
// Threads   The main thread. Waits for shards.
void KeepSilences(const session::Services& services, session::Front& front, ring::Waker& waker);

}  // namespace floe::server
