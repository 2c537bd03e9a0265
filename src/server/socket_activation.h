// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Sockets that the service manager listens on already and passes on, as sd_listen_fds(3) has it:
// nobody is refused while the server starts again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/unique_fd.h"
#include "config/config.h"
#include "handover/successor.h"

namespace floe::server {

// The sockets of one [[listen]] that were there before this process; the address as the
// configuration has it.
using InheritedListen = handover::Inheritance::ListenGroup;

// The variables of the environment that say what is passed; empty when they are not there.
struct ActivationVariables {
  absl::string_view pid;    // LISTEN_PID: for whom
  absl::string_view fds;    // LISTEN_FDS: how many
  absl::string_view names;  // LISTEN_FDNAMES: joined by colons
};
ActivationVariables ActivationFromEnvironment();

inline constexpr int kFirstActivatedFd = 3;
inline constexpr uint32_t kActivatedFdsMax = 1024;

// Takes the descriptors from `first_fd` on, if they are for `own_pid`, each to the [[listen]] whose
// address it is bound to; an address that got none is opened as ever. Every shard has a descriptor
// of each address: where there are fewer sockets than shards, shards accept on the same one.
//
// Errors: InvalidArgument that names the descriptor: not a listening TCP socket, or bound to an
// address that the configuration does not have. One of the two was not meant, so neither is used.
absl::StatusOr<std::vector<InheritedListen>> TakeActivated(const ActivationVariables& variables,
                                                           pid_t own_pid,
                                                           const config::Config& config,
                                                           uint32_t shards,
                                                           int first_fd = kFirstActivatedFd);

}  // namespace floe::server
