// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What some texts must be besides printable.
#pragma once

#include "absl/strings/string_view.h"
#include "config/problems.h"

namespace floe::config {

Verdict CheckNotEmpty(absl::string_view text);
// A name or an address, without scheme, port and path.
Verdict CheckHostname(absl::string_view text);
Verdict CheckMount(absl::string_view text);
// A mount's name, or "file:" and a path from the root on.
Verdict CheckFallback(absl::string_view text);
// What can stand before the colon of "user:password".
Verdict CheckUser(absl::string_view text);
// Empty, or a URL as HttpUrl::Parse takes it.
Verdict CheckUrl(absl::string_view text);
// The same of a whole server, without a path.
Verdict CheckServerUrl(absl::string_view text);
// Empty, or what iconv(3) can turn into UTF-8.
Verdict CheckCharset(absl::string_view text);
// What server.cores may say.
Verdict CheckCores(absl::string_view text);
// Empty, or what can be the name of a congestion control; whether the kernel has it shows when the
// sockets are opened.
Verdict CheckCongestion(absl::string_view text);

}  // namespace floe::config
