// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// How calls of the admin API are answered: /admin/NAME with XML, /admin/NAME.json, and
// /admin/NAME.xsl with a page.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "admin/document.h"
#include "mount/mount_ref.h"
#include "session/exchange.h"

namespace floe::admin {

// By the end of the request's path.
Format FormatOf(const session::Exchange& exchange);
absl::string_view ContentTypeOf(Format format);

// Icecast's ?omode=: which of its versions the names are of.
enum class Mode : uint8_t {
  kLegacy,  // 2.4: what all tools know; the default but for JSON
  kNormal,  // 2.5
  kStrict,  // 2.5, and what changes something is asked for by POST
};
Mode ModeOf(const session::Exchange& exchange);

// The mount of the field "mount", which somebody feeds or hears. Refusals: 400, 404.
absl::StatusOr<mount::MountRef> MountOf(const session::Exchange& exchange);

// Answers the document in the format that was asked for.
ring::Task<> AnswerWith(session::Exchange& exchange, Node document, std::string title);
// What Icecast says of an action: its message, and whether it was done; or why it is refused.
ring::Task<> AnswerDone(session::Exchange& exchange, std::string message, bool is_done);
ring::Task<> AnswerDone(session::Exchange& exchange, absl::StatusOr<std::string> message);

// Refusal of ?omode=strict: what changes something is not asked for by GET.
absl::Status CheckMode(const session::Exchange& exchange);

// "http://radio.example:8000", as who asks reached this server.
std::string BaseUrlOf(const session::Exchange& exchange);

}  // namespace floe::admin
