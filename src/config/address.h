// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/problems.h"

namespace floe::config {

// Where to listen, ready for bind(2).
struct SocketAddress {
  sockaddr_storage storage;
  socklen_t size_bytes;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  bool operator==(const SocketAddress& other) const;
};

// The port of an address, in the host's byte order.
uint16_t PortOf(const SocketAddress& address);

// Reads "0.0.0.0:8000" or "[::]:8000". Numeric only: a name may mean several addresses, and asking
// for it may take seconds at start. Port 0 is read as such; Load refuses it.
// Errors: InvalidArgument that says what is wrong and, where it can, what was meant.
absl::StatusOr<SocketAddress> ParseAddress(absl::string_view text);

// The same for who tells the reason and what was meant apart.
Verdict ReadAddress(absl::string_view text, SocketAddress* address);

}  // namespace floe::config
