// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "files/playlist.h"

namespace floe::files {

inline constexpr size_t kPlaylistBytesMax = 4 << 20;
inline constexpr int kFolderDepthMax = 8;  // of folders within a folder

// The Content-Type that a file's ending stands for; empty: of none that can be played.
absl::string_view ContentTypeOf(absl::string_view path);

// The files that `path` stands for: those that a playlist (.m3u, .m3u8, .pls) names, in its order;
// those of a folder and the folders below it that can be played, sorted by their paths; or else the
// file itself. Blocks. Folders below that are links are left out: they may lead around in circles.
// Errors: it cannot be read, or there is none. Whether those it names are there is not looked at.
absl::StatusOr<std::vector<Entry>> ListFiles(const std::string& path);

}  // namespace floe::files
