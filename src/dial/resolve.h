// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::dial {

inline constexpr size_t kAddressesMax = 8;  // of one host that are tried; others are not looked at

// The addresses of a host, by the system's order but with the families in turn (RFC 8305, 4): the
// best of one family is never behind all of another that may lead nowhere.
// `host` is a name, or a numeric address without brackets, which takes no time. Errors: Unavailable
// names the host and the reason; Cancelled when `owner` was interrupted. The lookup itself cannot
// be, nor ended at `by`: it ends by itself, without anybody who waits for it.
ring::Task<absl::StatusOr<std::vector<sockaddr_storage>>> Resolve(shard::Shard& shard,
                                                                  shard::WorkerPool& pool,
                                                                  std::string host, uint16_t port,
                                                                  Instant by, const void* owner);

// The first of the first's family, the first of another, the second of the first's..., at most
// kAddressesMax.
std::vector<sockaddr_storage> InTurns(const std::vector<sockaddr_storage>& sorted);

}  // namespace floe::dial
