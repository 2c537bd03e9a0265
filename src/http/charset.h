// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/utf8.h"

namespace floe::http {

// `bytes` as UTF-8 that can be shown on one line. Tried in turn: they are UTF-8 already; they are
// of `charset` (any that iconv knows; empty for none); they are ISO-8859-1, read as browsers read
// it, with Windows-1252 where ISO has control characters. Never fails: a byte that `charset` does
// not have becomes U+FFFD, control characters become spaces, byte order marks at the front go.
//
// A charset's first use may load its table from disk; Latin-1 and Windows-1252 are built in.
std::string ToUtf8(absl::string_view bytes, absl::string_view charset = "");

}  // namespace floe::http
