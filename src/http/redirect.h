// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Where a redirect leads, and who may be sent there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/http_url.h"

namespace floe::http {

inline constexpr uint32_t kRedirectsMax = 5;  // one after the other

// Where a Location header leads from `here`: an absolute URL, "//host/path", "/path", "?query" or a
// path beside this one. Errors: the end of a sentence that begins with the location.
absl::StatusOr<HttpUrl> ResolveLocation(const HttpUrl& here, absl::string_view location);

// "http://radio.example:8000/live?...", for logs: of a query only that there is one, since tokens
// travel there.
std::string LogTextOf(const HttpUrl& url);

// Trail is the way from a URL of the configuration to the server that has the stream, one redirect
// after the other.
class Trail {
 public:
  explicit Trail(HttpUrl begin) { urls_.push_back(std::move(begin)); }

  const HttpUrl& here() const { return urls_.back(); }
  // Whether a login that is meant for the first server may be sent to this one: the same host and
  // port.
  bool MayHaveLogin() const;
  // One redirect further. Errors, whole sentences: it leads nowhere, where we were already, or on
  // and on.
  absl::Status Follow(absl::string_view location);

 private:
  std::vector<HttpUrl> urls_;
};

}  // namespace floe::http
