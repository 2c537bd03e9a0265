// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/request.h"

namespace floe::http {

// Whether a page of another origin had a browser send the request: by Sec-Fetch-Site (W3C Fetch
// Metadata), or, of a browser that does not send it, by Origin (RFC 6454). What is no browser sends
// neither, and is not cross-site. A browser adds logins that it remembers to what any page asks
// for, so what changes something must not be done for such a request.
bool IsCrossSite(const Request& request);

}  // namespace floe::http
