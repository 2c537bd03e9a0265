// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "events/event.h"
#include "store/sql.h"

namespace floe::store {

// A title that began to play.
struct Song {
  int64_t id = 0;
  std::string mount;
  int64_t begun_ms = 0;  // wall clock, since 1970
  std::string title, url;
  int64_t listeners = 0;  // when it began

  bool operator==(const Song&) const = default;
};

// Within a transaction. An event that is there already is not written again: two processes may
// both know of one around a swap. What are no titles, or titles that were taken back, are no songs.
absl::Status WriteSongs(Sql& sql, const std::vector<events::Event>& events, uint64_t run);

struct SongQuery {
  std::string mount;      // empty: of all
  int64_t before_id = 0;  // those that began before that one; 0: the newest
  int limit = 100;
};
// The newest first.
absl::StatusOr<std::vector<Song>> ReadSongs(Sql& sql, const SongQuery& query);

}  // namespace floe::store
