// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace floe::http {

// For the text and the attributes of XML and HTML. What XML cannot hold is replaced: control
// characters by spaces, broken UTF-8 by U+FFFD; so the document stays well-formed.
std::string EscapeXml(absl::string_view text);

// As a string of JSON, with its quotes; broken UTF-8 becomes U+FFFD.
std::string QuoteJson(absl::string_view text);

// Percent-encodes all but unreserved characters: for a query's values.
std::string UrlEncode(absl::string_view text);
// The same, but keeps what a path may hold as it is, '/' too: "/a b" becomes "/a%20b".
std::string UrlEncodePath(absl::string_view path);

}  // namespace floe::http
