// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/track.h"
#include "config/config.h"
#include "files/programme.h"
#include "files/rotation.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// What plays on a mount while no source is connected: its files, and the one that is the first.
struct LoopFile {
  std::string mount;
  files::Programme programme;  // without entries: `track` is no file, and all there is
  files::Rotation rotation;    // at the entry that `track` is
  audio::Track track;
};

// Reads the first file of a programme that can be played, or makes the silence that it is. Blocks:
// not for a shard's thread. Errors: as of files::ReadNextTrack and audio::MakeSilence.
absl::StatusOr<LoopFile> ReadLoopFile(const std::string& mount, files::Programme programme);

// One that plays, and what becomes of it. At most two files are in memory: the one that plays and
// the one that is next.
struct Loop {
  LoopFile file;                 // `track` plays
  std::optional<LoopFile> next;  // to play in its place, soon
  bool is_over = false;          // to end, soon
  bool has_begun = false;
  bool has_ended = false;  // nobody refers to it any more, but who reads

  // ---- the track after this one, which a worker reads ----
  struct Upcoming {
    files::Rotation rotation;  // at its entry
    audio::Track track;
  };
  std::optional<Upcoming> upcoming;
  bool is_reading = false;
  bool is_nothing_next = false;  // none can be played but this one, or not even this
  uint64_t changes = 0;          // what is read for an older number is not wanted any more
  std::set<size_t> passed;       // entries that cannot be played, as the log was told
};

// Loops is the files that play on one shard, each over and over, in the time its own frames take,
// whenever nobody else feeds its mount. They end when the shard stops.
//
// Lifetime  outlives its shard.
// Threads   The shard's. Before the shard turns: who prepares it.
class Loops {
 public:
  // The file plays from the next Begin on; in the place of the one that plays on the mount now,
  // when there is one: between two frames, and with the same listeners if it is of the same type.
  void Put(LoopFile file);
  // The mount's file ends within a second or two. Its listeners linger as the mount says, or leave
  // if the mount is not configured any more.
  void End(absl::string_view mount);
  // Whether a file plays on the mount, or would if no source did.
  bool Has(absl::string_view mount) { return Find(mount) != nullptr; }
  // Begins what was put and plays not yet.
  void Begin(shard::Shard& shard, const Services& services);

 private:
  Loop* Find(absl::string_view mount);
  std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace floe::session
