// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/clock.h"
#include "ring/direct_fd.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::dial {

// How long one address may keep quiet before the next is tried beside it (RFC 8305, 5).
inline constexpr milliseconds kNextAttemptAfter{250};

struct Dialled {
  ring::DirectFd socket;
  Address peer;
};

// Connects to the first of `addresses` that answers: each next one is tried when the one before
// has failed, or has kept quiet for kNextAttemptAfter. The others are broken off, and have ended
// when this ends. Errors: Unavailable names each address and what became of it; Cancelled when
// `owner` was interrupted, which has to be the call's own.
ring::Task<absl::StatusOr<Dialled>> DialAny(shard::Shard& shard,
                                            std::vector<sockaddr_storage> addresses, Instant by,
                                            const void* owner);

// The same, to a host: its addresses are looked up each time. `pool` is for lookups.
ring::Task<absl::StatusOr<Dialled>> Dial(shard::Shard& shard, shard::WorkerPool& pool,
                                         std::string host, uint16_t port, Instant by,
                                         const void* owner);

}  // namespace floe::dial
