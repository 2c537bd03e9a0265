// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace floe::control {

// UnixAddress is a path as the socket calls want it.
struct UnixAddress {
  sockaddr_un storage{};
  socklen_t size_bytes = 0;

  // Errors: InvalidArgument when it does not fit.
  static absl::StatusOr<UnixAddress> Of(const std::string& path) {
    UnixAddress address;
    if (path.empty() || path.size() >= sizeof(address.storage.sun_path)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a socket's path has 1 to ", sizeof(address.storage.sun_path) - 1, " bytes"));
    }
    address.storage.sun_family = AF_UNIX;
    std::memcpy(address.storage.sun_path, path.data(), path.size());
    address.size_bytes = socklen_t(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return address;
  }

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  // Empty for one without a file.
  std::string path() const {
    if (size_bytes <= offsetof(sockaddr_un, sun_path)) return "";
    return {storage.sun_path,
            strnlen(storage.sun_path, size_bytes - offsetof(sockaddr_un, sun_path))};
  }
};

}  // namespace floe::control
