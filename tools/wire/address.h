// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::tools {

// A socket address of either family, as the kernel takes it.
struct Address {
  sockaddr_storage storage{};
  socklen_t bytes = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool IsLoopback4() const;

  // "host:port", "[v6]:port" or "http://host:port"; names are looked up.
  static absl::StatusOr<Address> Resolve(absl::string_view text);
};

// The address listener `index` comes from: 127.0.0.0/8 has enough of them that no four-tuple
// ever runs out of ports, and few enough listeners share one that the kernel finds a free port
// at the first try.
Address LoopbackSource(uint64_t index);

// "/load%d" and 7 make "/load7"; a path without %d is itself.
std::string MountPath(absl::string_view pattern, uint32_t number);

}  // namespace floe::tools
