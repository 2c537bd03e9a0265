// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::http {

// The lines ("Name: value\r\n"...) that let scripts of `origin` read a reply and its icy-* headers.
// They belong on errors too: without them a page cannot tell 404 from a broken network.
// `origin` is the Origin header, empty when there is none. With "*" among `allowed` they do not
// depend on the request, so that a cache may keep the reply; otherwise the origin is echoed when it
// is listed (scheme and host without regard to case), and the reply says that it varies.
std::string CorsHeaders(absl::string_view origin, const std::vector<std::string>& allowed);

// What a preflight is told on top: methods, request headers, and for how long.
std::string CorsPreflightHeaders();

}  // namespace floe::http
