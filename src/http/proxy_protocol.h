// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The PROXY protocol, versions 1 and 2: what a proxy says, before anything else, of the one for
// whom it opened the line.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/address.h"

namespace floe::http {

inline constexpr uint32_t kProxyLineBytesMax = 107;    // of version 1, with its end
inline constexpr uint32_t kProxyBlockBytesMax = 4096;  // of version 2, with its head

struct ProxyHeader {
  enum class Kind : uint8_t {
    kNeedMore,
    kClient,    // `client` is there
    kNoClient,  // the proxy speaks for itself (LOCAL, UNKNOWN), or of what is no TCP over IP
    kBroken,    // it is none
  };
  Kind kind = Kind::kNeedMore;
  uint32_t size_bytes = 0;  // of the header; what follows is the first of what is asked
  Address client;
};

// What `received`, from the first byte of the line on, begins with. Reads no further than it must:
// the same prefix has the same answer however it arrives.
ProxyHeader ReadProxyHeader(absl::string_view received);

}  // namespace floe::http
