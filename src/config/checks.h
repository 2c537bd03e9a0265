// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What some texts must be besides printable.
#pragma once

#include <span>

#include "absl/strings/string_view.h"
#include "config/problems.h"

namespace floe::config {

// What a webhook may be told of, as `events` names it.
std::span<const absl::string_view> WebhookEvents();

Verdict CheckNotEmpty(absl::string_view text);
// A name or an address, without scheme, port and path.
Verdict CheckHostname(absl::string_view text);
Verdict CheckMount(absl::string_view text);
// A mount's name, or "file:" and a path from the root on.
Verdict CheckFallback(absl::string_view text);
// What can stand before the colon of "user:password".
Verdict CheckUser(absl::string_view text);
// The same, or empty where there need be none.
Verdict CheckUserOrNone(absl::string_view text);
// The name of a table that is no mount's: that of a user, or of a webhook.
Verdict CheckWord(absl::string_view text);
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
// A regular expression of RE2, of no more than kPatternBytesMax bytes.
Verdict CheckPattern(absl::string_view text);
// One of WebhookEvents().
Verdict CheckEventName(absl::string_view text);
// What can be the name of a header; or its beginning, which may be none.
Verdict CheckHeaderName(absl::string_view text);
Verdict CheckHeaderPrefix(absl::string_view text);
// A header as it is on the wire, or its name and colon alone: "icecast-auth-user: 1".
Verdict CheckHeaderLine(absl::string_view text);

}  // namespace floe::config
