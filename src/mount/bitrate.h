// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "mount/mount.h"

namespace floe::mount {

// What the audio of a mount takes, in bits per second: measured, or until then what its source says
// of itself. 0: nobody knows.
inline uint64_t BitrateBps(const Snapshot& snap) {
  const uint64_t measured = snap.framer.bitrate_bps();
  return measured != 0 ? measured : uint64_t{snap.source.bitrate_kbps} * 1'000;
}

}  // namespace floe::mount
