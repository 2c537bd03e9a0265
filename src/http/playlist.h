// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Playlists that name one mount, for players that want a file rather than a stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "http/request.h"

namespace floe::http {

enum class PlaylistKind : uint8_t { kM3u, kPls, kXspf, kVclt };

// "/live.m3u" is a kM3u of "/live". Nothing when the path has no such ending, or nothing but it.
struct PlaylistPath {
  PlaylistKind kind;
  absl::string_view mount;  // a view into the path
};
std::optional<PlaylistPath> SplitPlaylistPath(absl::string_view path);

absl::string_view PlaylistContentType(PlaylistKind kind);

// `base_url` is BaseUrl()'s; `mount` a mount's name, encoded here; `title` what the mount is called
// (its name when empty).
std::string PlaylistBody(PlaylistKind kind, absl::string_view base_url, absl::string_view mount,
                         absl::string_view title);

// The URL by which the requester reached this server, without a path: "http://radio.example:8000".
// Taken from the request's authority when that is a name or address with an optional port and
// nothing else, so what a requester writes there cannot become markup or another path; otherwise
// from `fallback_host` and `port`. X-Forwarded-* are not believed here.
std::string BaseUrl(const Request& request, absl::string_view fallback_host, uint16_t port,
                    absl::string_view scheme = "http");

// "name", "192.0.2.1" or "[2001:db8::1]", with or without ":port".
bool IsValidAuthority(absl::string_view text);

}  // namespace floe::http
