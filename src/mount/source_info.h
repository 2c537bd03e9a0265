// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace floe::mount {

// What a source says of its stream; answers status pages and listeners' reply heads.
struct SourceInfo {
  std::string content_type;
  std::string name, description, url, genre;
  uint32_t bitrate_kbps = 0;
  bool is_public = false;
  // ice-audio-info as the source wrote it, "ice-samplerate=44100;ice-bitrate=128;..."
  std::string audio_info;
  std::string user_agent;
  std::string peer;  // address of the source
  // The servers that a stream of another one has passed, the nearest first: see http/hops.h.
  std::vector<uint64_t> hops;
  absl::Time connected;  // wall clock

  bool operator==(const SourceInfo&) const = default;
};

// How a source comes to a mount that may have one already.
struct ClaimRules {
  bool takeover = false;    // it takes the place of a source that is there
  bool yields = false;      // whoever comes later takes its place: a file that plays meanwhile.
                            // It does not count as a source.
  bool is_fetched = false;  // from another server: nor does that, as the configuration has said
                            // how many there are.

  // Whether it is one of those that limits.sources counts.
  bool counts() const { return !yields && !is_fetched; }

  bool operator==(const ClaimRules&) const = default;
};

enum class Phase : uint8_t {
  kEmpty,      // never had a source, or its listeners are to be closed
  kLive,       // a source is connected
  kLingering,  // the source left; listeners wait for its return
};

}  // namespace floe::mount
