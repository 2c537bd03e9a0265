// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/address.h"

namespace floe::shard {

// What the access log says of a request, or of a listener when it is over.
struct AccessLine {
  Address peer;
  absl::string_view user;     // empty: "-"
  absl::string_view request;  // "GET /live HTTP/1.1"
  int status = 200;
  uint64_t bytes = 0;  // of body or audio
  absl::string_view referer, agent;
  absl::Duration lasted;

  // The combined format, and the seconds at its end:
  //   IP - user [20/Nov/2026:06:17:00 +0000] "GET /live HTTP/1.1" 200 bytes "referer" "agent" 42
  // What others wrote (agent, referer, request) cannot end a quote or a line.
  std::string ToString(absl::Time ended) const;
  // The same as one JSON object.
  std::string ToJson(absl::Time ended) const;
};

// Writes the line to the access log, in the form that was configured for it.
void LogAccess(const AccessLine& line);

}  // namespace floe::shard
