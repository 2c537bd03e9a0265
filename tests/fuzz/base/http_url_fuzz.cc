// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any text is refused, or is a URL that reads back as the same and fits into a request.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/check.h"
#include "base/http_url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(text);
  if (!url.ok()) {
    FLOE_CHECK(!url.status().message().empty());
    return 0;
  }
  const std::string written = url->ToString();
  FLOE_CHECK(
      std::all_of(written.begin(), written.end(), [](char c) { return c > ' ' && c < 127; }));
  FLOE_CHECK(!url->host.empty() && url->port != 0 && url->target[0] == '/');
  FLOE_CHECK(url->Authority().find_first_of("/@?#") == std::string::npos);
  const absl::StatusOr<HttpUrl> again = HttpUrl::Parse(written);
  // What was written without a port and a path may be as long as is allowed, and grow by them.
  FLOE_CHECK(again.ok() || written.size() > kHttpUrlBytesMax);
  FLOE_CHECK(!again.ok() || *again == *url);
  return 0;
}
