// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/config.h"
#include "files/programme.h"
#include "session/file_loop.h"
#include "session/welcome.h"

namespace floe::server {

// LoopPlaces knows which file plays on which mount and shard, and what a configuration changes of
// that. The bytes are the shards' own.
//
// Threads   One at a time. Reads files: not for a shard's thread.
class LoopPlaces {
 public:
  // One thing for one shard to do.
  struct Step {
    uint32_t shard = 0;
    std::string mount;
    bool is_end = false;     // its file ends; otherwise `file` plays
    session::LoopFile file;  // moved out by who does it
    std::string line;        // of the list of changes, if the configuration does not say as much
  };

  // Gives each file of the configuration to a shard in turn, before the shards run.
  // Errors: as session::ReadLoopFile.
  absl::Status Start(const config::Config& config, session::Front& front, uint32_t shards);

  // What is to be done so that the files of `config` play as they are now. Nothing is changed.
  // Errors: as session::ReadLoopFile.
  absl::StatusOr<std::vector<Step>> Compare(const config::Config& config);
  // Compare's steps are done: what it found is how things are.
  void Accept() { known_ = std::move(found_); }

 private:
  // What tells one state of a file from another.
  struct Stamp {
    uint64_t device = 0, inode = 0, size_bytes = 0;
    int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Known {
    uint32_t shard = 0;
    files::Programme programme;
    Stamp stamp;  // of the only file; those of a list are read again whenever they play
  };
  static Stamp StampOf(const files::Programme& programme);

  uint32_t shards_ = 1;
  uint32_t next_shard_ = 0;
  std::map<std::string, Known> known_;  // by mount
  std::map<std::string, Known> found_;  // by the last Compare
};

}  // namespace floe::server
