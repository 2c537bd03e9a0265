// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audio/track.h"
#include "config/config.h"
#include "files/listing.h"
#include "files/rotation.h"

namespace floe::files {

inline constexpr uint64_t kTrackBytesMax = uint64_t{64} << 20;  // of one file

// Files of one media type that play one after the other, and all over again.
struct Programme {
  std::string path;  // that it was made of
  config::FileOrder order = config::FileOrder::kInOrder;
  std::vector<Entry> entries;  // empty: it is silence, of the kind that `path` names

  bool operator==(const Programme&) const = default;
};

// What `path` stands for; silence if it is the name of a kind of it (audio/silence.h). The first
// entry whose ending says a type decides the type of all: others are left out, and a line in the
// log says why. Blocks. Errors: as of ListFiles; none of them can be played by its ending.
absl::StatusOr<Programme> MakeProgramme(const std::string& path, config::FileOrder order);

// Reads a file that plays. Its title is that of its tags, or the playlist's, or its name. Blocks.
// Errors: it cannot be read, is longer than kTrackBytesMax, of no known type, or holds no audio.
absl::StatusOr<audio::Track> ReadTrack(const Entry& entry);

// The first track, from the rotation's current entry on, that can be played; `rotation` is at its
// entry then. `before`: what it must be able to follow; null: nothing. An entry that is passed over
// is added to `passed` and told in the log, unless it was there. Blocks: reads each file at most
// once. Errors: none of them can be; the last one's reason.
absl::StatusOr<audio::Track> ReadNextTrack(const Programme& programme, const audio::Track* before,
                                           Rotation* rotation, std::set<size_t>* passed);

}  // namespace floe::files
