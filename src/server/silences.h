// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "mount/mount.h"
#include "ring/waker.h"
#include "session/services.h"
#include "session/welcome.h"

namespace floe::server {

inline constexpr size_t kSilencesMax = 64;  // kinds that play at once; others are not begun

// The internal mount whose silence the listeners of `mount` can go on with: of the parameters that
// its source has, or had last. Empty: it never had one, or there is no such silence.
std::string SilenceOf(const mount::Mount& mount);

// Has the internal mounts of these names play their silence, and no others but those that the
// configuration itself names. One that ended is forgotten when nobody hears it any more.
//
// Threads   The main thread. Waits for shards.
void KeepSilences(const std::set<std::string>& wanted, const session::Services& services,
                  session::Front& front, ring::Waker& waker);

}  // namespace floe::server
