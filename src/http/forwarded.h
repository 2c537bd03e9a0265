// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// For whom a proxy asks: what it says in the headers of a request.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "http/request.h"

namespace floe::http {

inline constexpr size_t kForwardedHopsMax = 64;  // more are not looked at

// Those whom the headers name, the nearest to this server first: of Forwarded (RFC 7239) when it is
// there, else of X-Forwarded-For, else of X-Real-IP. One that names nobody by an address
// ("unknown",
// "_hidden") or that cannot be read is nullopt, and what is beyond it is left out: there is nobody
// who could have vouched for it.
std::vector<std::optional<Address>> ForwardedHops(const Request& request);

// Who asked `nearest`, a proxy that is trusted: the first of `hops` that is no trusted proxy
// itself. Where all are, the farthest; where the next one cannot be read, the last that could.
template <typename IsTrusted>
Address ForwardedFor(const Address& nearest, const std::vector<std::optional<Address>>& hops,
                     const IsTrusted& is_trusted) {
  Address asks = nearest;
  for (const std::optional<Address>& hop : hops) {
    if (!is_trusted(asks) || !hop.has_value()) break;
    asks = *hop;
  }
  return asks;
}

}  // namespace floe::http
