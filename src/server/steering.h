// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A newcomer stays on the core where its packets arrive: which listening socket of those that
// share a port it is given to is decided by a program in the kernel (socket(7),
// SO_ATTACH_REUSEPORT_CBPF). Worth it where the network card spreads connections over the cores.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "absl/status/status.h"
#include "server/placement.h"

namespace floe::server {

// Answers the index of a shard of the core the packet is handled on, any of them when there are
// several, and any shard at all for a core without one. REQUIRES: places as PlaceShards made them.
std::vector<sock_filter> SteeringProgram(const std::vector<Place>& places);

// Gives the program to the sockets that share a port with `listening_fd`. They must listen already,
// in the order of their shards. Errors: what the kernel says.
absl::Status Steer(int listening_fd, const std::vector<Place>& places);

}  // namespace floe::server
