// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/paths.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/playlist.h"
#include "http/status.h"

namespace floe::session {

absl::Status CheckMountPath(const EndpointTable& endpoints, absl::string_view path) {
  const bool is_page = endpoints.Find(path) != nullptr || absl::StartsWith(path, kAdminPrefix) ||
                       absl::StartsWith(path, kApiPrefix) || !absl::StartsWith(path, "/");
  if (is_page || http::SplitPlaylistPath(path).has_value()) {
    return http::Refusal(403, absl::StrCat(path, " is a page of the server, not a mount"));
  }
  return absl::OkStatus();
}

void EndSources(Exchange& exchange, const mount::Mount* mount) {
  for (shard::Shard* shard : exchange.services.shards) {
    shard->Post({.kind = shard::Mail::Kind::kEndSource, .mount = mount}, exchange.shard);
  }
}

}  // namespace floe::session
