// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

inline constexpr uint64_t kLoopFileBytesMax = uint64_t{64} << 20;

// Reads it; the type goes by the name's ending. Blocks: for the start of the process.
// Errors: it cannot be read, is empty or longer than kLoopFileBytesMax, or of a type that cannot
// be paced (not MP3, AAC, Ogg or FLAC), or holds no audio.
absl::StatusOr<LoopFile> ReadLoopFile(const std::string& mount, const std::string& path);

// Plays the file over and over, in the time its own frames take, whenever nobody else feeds the
// mount. Ends when the shard stops. `file` stays as long as the shard runs.
ring::Task<> PlayLoop(shard::Shard& shard, const Services& services, const LoopFile& file);

}  // namespace floe::session
