// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/song_history.h"

#include "absl/time/time.h"

namespace floe::store {

absl::Status WriteSongs(Sql& sql, const std::vector<events::Event>& events, uint64_t run) {
  for (const events::Event& event : events) {
    if (event.kind != events::Kind::kTitle || event.title.empty()) continue;
    const absl::Status added = sql.Do(
        "INSERT OR IGNORE INTO songs(run, number, mount, begun_ms, title, url, listeners) "
        "VALUES(?,?,?,?,?,?,?)",
        {int64_t(run), int64_t(event.number), event.mount, absl::ToUnixMillis(event.time),
         event.title, event.url, int64_t{event.listeners}});
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

// By time first: around a swap two processes write, and the later song may have come earlier.
absl::StatusOr<std::vector<Song>> ReadSongs(Sql& sql, const SongQuery& query) {
  std::vector<Song> songs;
  const absl::Status read = sql.Each(
      "SELECT id, mount, begun_ms, title, url, listeners FROM songs "
      "WHERE (?1 = '' OR mount = ?1) AND (?2 = 0 OR "
      "(begun_ms, id) < (SELECT begun_ms, id FROM songs WHERE id = ?2)) "
      "ORDER BY begun_ms DESC, id DESC LIMIT ?3",
      {query.mount, query.before_id, int64_t{query.limit}}, [&songs](const Row& row) {
        songs.push_back({.id = row.Int(0),
                         .mount = std::string(row.Text(1)),
                         .begun_ms = row.Int(2),
                         .title = std::string(row.Text(3)),
                         .url = std::string(row.Text(4)),
                         .listeners = row.Int(5)});
        return true;
      });
  if (!read.ok()) return read;
  return songs;
}

}  // namespace floe::store
