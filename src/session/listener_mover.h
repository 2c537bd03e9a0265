// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "mount/mount.h"
#include "mount/mount_ref.h"
#include "ring/task.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// Whether who hears `from` could go on with `to` now: it is heard, and what it sends is of the same
// kind. Threads: any.
bool CanMove(const mount::Mount& from, const mount::Mount& to);

// Has those of `from` hear `to`, whose listeners they are from then on; with an `id`, that one
// alone. Each hears the rest of what was published before it goes; who cannot go on stays. Answers
// how many go. Runs on `home`. Errors: Unavailable, the shards are about to end.
ring::Task<absl::StatusOr<uint32_t>> MoveListeners(const Services& services, shard::Shard& home,
                                                   mount::MountRef from, mount::MountRef to,
                                                   std::optional<uint64_t> id);

}  // namespace floe::session
