// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "mount/mount.h"
#include "mount/mount_ref.h"
#include "mount/preamble.h"
#include "tape/tape.h"

namespace floe::session {

// PushReader reads a mount as a listener would that came just now: from its newest sync point on,
// the preamble first, all that is published. One that was lapped goes on at the newest sync point.
//
// Lifetime  keeps the mount, and what it last said to be read.
// Threads   The shard's.
class PushReader {
 public:
  explicit PushReader(mount::MountRef mount);

  // What its headers are: of the source that it reads.
  const mount::Snapshot& snapshot() const { return snapshot_; }
  // What comes is of another kind than what it began with, or nothing has come for longer than the
  // mount lingers.
  bool IsOver(Instant now) const;
  // What is next, at most a page; nothing: not yet. Readable until the next call of this or LetGo.
  std::span<const std::byte> Next();
  // So many bytes of it were taken.
  void Took(size_t bytes);
  // Nothing needs to be readable until Next is called again.
  void LetGo() { page_ = {}; }
  // The title that holds where it is, when that is another than it last said.
  std::optional<std::string> NewTitle();

 private:
  // Goes to the newest sync point of what is published. False: there is none.
  bool Begin(uint64_t published_bytes);
  bool HasHeardLink(uint32_t link) const;

  const mount::MountRef mount_;
  const mount::Snapshot snapshot_;
  uint64_t position_bytes_ = 0;
  bool has_begun_ = false;
  bool is_lapped_ = false;
  uint32_t link_ = 0;  // whose headers it began with; 0: none
  mount::PreambleRef preamble_;
  size_t preamble_taken_bytes_ = 0;
  tape::PageRef page_;
  uint32_t titles_seen_ = 0;
  std::string said_;
};

}  // namespace floe::session
