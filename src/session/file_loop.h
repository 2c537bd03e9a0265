// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

inline constexpr uint64_t kLoopFileBytesMax = uint64_t{64} << 20;

// A file that plays on a mount while no source is connected.
struct LoopFile {
  std::string mount;
  std::string content_type;
  std::string bytes;
  uint64_t hash =
      0;  // of the bytes, the same in every build: whether another process has this file
};

// Reads it; the type goes by the name's ending. Blocks: not for a shard's thread.
// Errors: it cannot be read, is empty or longer than kLoopFileBytesMax, or of a type that cannot
// be paced (not MP3, AAC, Ogg or FLAC), or holds no audio.
absl::StatusOr<LoopFile> ReadLoopFile(const std::string& mount, const std::string& path);

// A file that plays, and what becomes of it.
struct Loop {
  LoopFile file;
  std::optional<LoopFile> next;  // to play in its place, soon
  bool is_over = false;          // to end, soon
  bool has_begun = false;
  bool has_ended = false;  // nobody refers to it any more
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
