// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Why what all formats have in some form is not carried over.
#pragma once

#include "absl/strings/string_view.h"

namespace floe::importer {

inline constexpr absl::string_view kNoTls =
    "Floe does not speak TLS; let a proxy such as nginx or HAProxy do so in front of it, and name "
    "that in access.trusted_proxies";
inline constexpr absl::string_view kNoDirectory =
    "Floe announces itself to no directory; their entries expire by themselves";
inline constexpr absl::string_view kNoRecording =
    "Floe does not record; let a player do so, such as `ffmpeg -i http://localhost:8000/live -c "
    "copy`";
inline constexpr absl::string_view kNoPages =
    "Floe serves no files and no pages but its own; a web server does";
inline constexpr absl::string_view kAsSourceSays =
    "Floe says of a stream's bytes what its source says, and measures its bitrate";
inline constexpr absl::string_view kOwnName = "Floe calls itself Floe";
inline constexpr absl::string_view kNoPrograms =
    "Floe starts no programs; hook_mount_add and hook_mount_remove call URLs, and so do [webhook]s";
inline constexpr absl::string_view kNoTranscoding =
    "Floe does not transcode; let ffmpeg listen to the one mount and feed the other";
inline constexpr absl::string_view kThreads =
    "Floe has a thread per core; server.shards sets another number";
inline constexpr absl::string_view kIsOff = "it is off, so nobody may come in there: `deny`";

}  // namespace floe::importer
