// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The lines of the logs that say one thing each. (Those of the access log are shard/access_line.h.)
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/address.h"

namespace floe::log {

// "[20/Nov/2026:06:17:00 +0000]" without the brackets, in the host's zone: as web servers write it.
std::string LineTime(absl::Time at);
// As RFC 3339 has it, in UTC.
std::string JsonTime(absl::Time at);

// What began to play on a mount.
struct PlaylistLine {
  absl::string_view mount;
  uint32_t listeners = 0;
  absl::string_view metadata;  // the title

  // As Icecast writes it:
  //   20/Nov/2026:06:17:00 +0000|/live|12|Artist - Title
  std::string ToString(absl::Time at) const;
  // The same as one JSON object.
  std::string ToJson(absl::Time at) const;
};

// What came of somebody's login.
struct AuthLine {
  Address peer;
  // A name that the configuration knows; empty: "-". Never what a peer gave for one: people type
  // passwords there.
  absl::string_view user;
  absl::string_view request;  // "PUT /live HTTP/1.1"; of queries only that there is one
  absl::string_view outcome;  // "granted", "refused", "locked out", ...

  //   192.0.2.7 - ann [20/Nov/2026:06:17:00 +0000] "PUT /live HTTP/1.1" refused
  std::string ToString(absl::Time at) const;
  std::string ToJson(absl::Time at) const;
};

}  // namespace floe::log
