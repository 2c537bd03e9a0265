// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "store/sessions.h"
#include "store/song_history.h"

namespace floe::store {

// History answers what is asked of the past. Each answer has the file open for itself, so that
// nobody who asks waits for a disk that takes nothing: readers and the writer do not meet (WAL).
//
// Lifetime  of the process.
// Threads   Any that may wait for a disk: a worker's (shard::Job), never a shard's.
// Failure   Unavailable, Internal: as Sql's.
class History {
 public:
  // `path` is the database's.
  explicit History(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::vector<Song>> Songs(const SongQuery& query) const;
  absl::StatusOr<std::vector<KeptSession>> Sessions(const SessionQuery& query) const;
  absl::StatusOr<std::vector<ListenedRow>> Listened(const ListenedQuery& query) const;

 private:
  const std::string path_;
};

}  // namespace floe::store
