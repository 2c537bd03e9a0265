// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a test frame says of itself. floe-source writes one into every frame, floe-load reads it
// at the other end of the server and so knows what was lost, doubled, torn or late.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace floe::tools {

struct Stamp {
  uint64_t sequence = 0;  // of the frame, from 0, unbroken over reconnects of one source
  uint64_t sent_ns = 0;   // CLOCK_MONOTONIC when the source wrote the frame
  uint32_t mount = 0;     // which of the source's mounts
  uint32_t life = 0;      // changes with every connection a source makes

  bool operator==(const Stamp&) const = default;
};

// On the wire: magic, checksum, sequence, time, mount, life; numbers in groups of seven bits, so
// that no byte of a stamp can begin an MPEG or ADTS frame (0xFF).
inline constexpr size_t kStampBytes = 4 + 5 + 10 + 10 + 5 + 5;

// Writes a stamp over the first bytes of `region` and fills the rest with bytes that follow from
// the sequence number; the checksum covers the whole region.
// REQUIRES: region_bytes >= kStampBytes.
void WriteStamped(char* region, size_t region_bytes, const Stamp& stamp);

enum class Reading {
  kStamped,  // a stamp, and every byte of the region is as it was written
  kTorn,     // a stamp, but the region does not match its checksum
  kBare,     // no stamp here: audio of somebody else
};

Reading ReadStamped(absl::string_view region, Stamp* stamp);

}  // namespace floe::tools
