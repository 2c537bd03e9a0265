// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Which paths are pages of the server's own, and which may be mounts.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "session/endpoint.h"
#include "session/exchange.h"

namespace floe::session {

inline constexpr absl::string_view kHomePath = "/";
inline constexpr absl::string_view kHealthPath = "/health";
inline constexpr absl::string_view kMetricsPath = "/metrics";
inline constexpr absl::string_view kStatusJsonPath = "/status-json.xsl";
inline constexpr absl::string_view kStreamListPath = "/admin/streamlist";
inline constexpr absl::string_view kStreamListTextPath = "/admin/streamlist.txt";
inline constexpr absl::string_view kExplainPath = "/admin/explain";
inline constexpr absl::string_view kEventsPath = "/api/v1/events";
// No path of a request: the endpoint of the STATS method, whatever path it names.
inline constexpr absl::string_view kStatsMethodPath = "STATS";
inline constexpr absl::string_view kAdminPrefix = "/admin/";
inline constexpr absl::string_view kApiPrefix = "/api/";

// Whether a source may have this path for its mount. Refusal (403): it is a page's, or names a
// playlist of another mount, and listeners could never reach the stream.
absl::Status CheckMountPath(const EndpointTable& endpoints, absl::string_view path);

// Tells every shard to end the sources that feed this mount, save one that claims it from now on.
void EndSources(Exchange& exchange, const mount::Mount* mount);

}  // namespace floe::session
