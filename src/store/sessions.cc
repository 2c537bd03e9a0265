// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/sessions.h"

#include <algorithm>

namespace floe::store {
namespace {

constexpr int64_t kHourS = kHourMs / 1000;
constexpr int64_t kDayS = 24 * kHourS;

int64_t HourOf(int64_t unix_ms) { return unix_ms / kHourMs; }
// The first that begins then or later.
int64_t HourFrom(int64_t unix_s) { return (unix_s + kHourS - 1) / kHourS; }

}  // namespace

void AddTo(ListenedByHour* hours, const Session& session) {
  const int64_t begun_ms = session.ended_ms - session.lasted_ms;
  for (int64_t at_ms = begun_ms; at_ms < session.ended_ms;) {
    const int64_t hour = HourOf(at_ms);
    const int64_t end_ms = std::min((hour + 1) * kHourMs, session.ended_ms);
    (*hours)[{session.mount, hour}].listened_ms += end_ms - at_ms;
    at_ms = end_ms;
  }
  Listened& last = (*hours)[{session.mount, HourOf(session.ended_ms)}];
  ++last.sessions;
  last.bytes += int64_t(session.bytes);
}

void SessionQueue::Add(Session session) {
  MutexLock lock(&mutex_);
  AddTo(&hours_, session);
  if (sessions_.size() == kSessionsQueuedMax) {
    sessions_.pop_front();
    dropped_.Add();
  }
  sessions_.push_back(std::move(session));
}

SessionQueue::Batch SessionQueue::Take(size_t sessions_max) {
  Batch batch;
  MutexLock lock(&mutex_);
  while (batch.sessions.size() < sessions_max && !sessions_.empty()) {
    batch.sessions.push_back(std::move(sessions_.front()));
    sessions_.pop_front();
  }
  batch.hours = std::exchange(hours_, {});
  return batch;
}

absl::Status WriteSessions(Sql& sql, const SessionQueue::Batch& batch, bool keeps_sessions) {
  for (const auto& [key, listened] : batch.hours) {
    const absl::Status added = sql.Do(
        "INSERT INTO listened(mount, hour, listened_ms, sessions, bytes) VALUES(?,?,?,?,?) "
        "ON CONFLICT(mount, hour) DO UPDATE SET listened_ms = listened_ms + excluded.listened_ms, "
        "sessions = sessions + excluded.sessions, bytes = bytes + excluded.bytes",
        {key.first, key.second, listened.listened_ms, listened.sessions, listened.bytes});
    if (!added.ok()) return added;
  }
  if (!keeps_sessions) return absl::OkStatus();
  for (const Session& session : batch.sessions) {
    const absl::Status added = sql.Do(
        "INSERT INTO sessions(mount, ended_ms, lasted_ms, bytes, address, agent, user, cause) "
        "VALUES(?,?,?,?,?,?,?,?)",
        {session.mount, session.ended_ms, session.lasted_ms, int64_t(session.bytes),
         session.address, session.agent, session.user, session.cause});
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<KeptSession>> ReadSessions(Sql& sql, const SessionQuery& query) {
  std::vector<KeptSession> sessions;
  const absl::Status read = sql.Each(
      "SELECT id, mount, ended_ms, lasted_ms, bytes, address, agent, user, cause FROM sessions "
      "WHERE (?1 = '' OR mount = ?1) AND (?2 = 0 OR id < ?2) ORDER BY id DESC LIMIT ?3",
      {query.mount, query.before_id, int64_t{query.limit}}, [&sessions](const Row& row) {
        KeptSession kept;
        kept.id = row.Int(0);
        kept.session.mount = std::string(row.Text(1));
        kept.session.ended_ms = row.Int(2);
        kept.session.lasted_ms = row.Int(3);
        kept.session.bytes = uint64_t(row.Int(4));
        kept.session.address = std::string(row.Text(5));
        kept.session.agent = std::string(row.Text(6));
        kept.session.user = std::string(row.Text(7));
        kept.session.cause = std::string(row.Text(8));
        sessions.push_back(std::move(kept));
        return true;
      });
  if (!read.ok()) return read;
  return sessions;
}

absl::StatusOr<std::vector<ListenedRow>> ReadListened(Sql& sql, const ListenedQuery& query) {
  int64_t step_s = kHourS;
  if (query.step == ListenedQuery::Step::kDay) step_s = kDayS;
  const bool is_all = query.step == ListenedQuery::Step::kAll;
  std::vector<ListenedRow> rows;
  const absl::Status read = sql.Each(
      "SELECT mount, CASE WHEN ?1 THEN ?2 ELSE hour * 3600 / ?3 * ?3 END AS begin_s, "
      "SUM(listened_ms), SUM(sessions), SUM(bytes) FROM listened "
      "WHERE (?4 = '' OR mount = ?4) AND hour >= ?5 AND (?6 = 0 OR hour < ?6) "
      "GROUP BY mount, begin_s ORDER BY mount, begin_s LIMIT ?7",
      {int64_t{is_all}, query.from_s, step_s, query.mount, HourFrom(query.from_s),
       HourFrom(query.to_s), int64_t{kListenedRowsMax}},
      [&rows](const Row& row) {
        rows.push_back(
            {.mount = std::string(row.Text(0)),
             .begin_s = row.Int(1),
             .listened = {.listened_ms = row.Int(2), .sessions = row.Int(3), .bytes = row.Int(4)}});
        return true;
      });
  if (!read.ok()) return read;
  return rows;
}

}  // namespace floe::store
