// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/history.h"

#include <memory>

namespace floe::store {
namespace {

template <typename Query, typename Answer>
Answer Ask(const std::string& path, Answer (*read)(Sql&, const Query&), const Query& query) {
  const absl::StatusOr<std::unique_ptr<Sql>> sql = Sql::Open(path);
  if (!sql.ok()) return sql.status();
  return read(**sql, query);
}

}  // namespace

absl::StatusOr<std::vector<Song>> History::Songs(const SongQuery& query) const {
  return Ask(path_, &ReadSongs, query);
}

absl::StatusOr<std::vector<KeptSession>> History::Sessions(const SessionQuery& query) const {
  return Ask(path_, &ReadSessions, query);
}

absl::StatusOr<std::vector<ListenedRow>> History::Listened(const ListenedQuery& query) const {
  return Ask(path_, &ReadListened, query);
}

}  // namespace floe::store
