// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::config {

// Where to listen, ready for bind(2).
struct SocketAddress {
  sockaddr_storage storage;
  socklen_t size_bytes;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  bool operator==(const SocketAddress& other) const;
};

// Reads "0.0.0.0:8000" or "[::]:8000". Numeric only: a name may mean several addresses, and asking
// for it may take seconds at start. Port 0 is read as such; Load refuses it.
// Errors: InvalidArgument that says what is wrong and, where it can, what was meant.
absl::StatusOr<SocketAddress> ParseAddress(absl::string_view text);

}  // namespace floe::config
