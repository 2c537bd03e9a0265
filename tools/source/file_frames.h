// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/signal/frame_writer.h"

namespace floe::tools {

inline constexpr size_t kFileBytesMax = size_t{1} << 30;

// The frames of an MP3 file, over and over. Tags and whatever else lies between frames are left
// out; there is no stamp.
absl::StatusOr<std::unique_ptr<FrameWriter>> ReadMp3File(const std::string& path);

}  // namespace floe::tools
